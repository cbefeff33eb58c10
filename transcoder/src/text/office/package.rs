//! What Word, Excel and PowerPoint have in common: parts of a package, and relationships between them (ECMA-376 part 2).

use zeroize::Zeroizing;

use super::archive::Archive;
use super::xml::{Node, nodes};
use crate::budget::Budget;
use crate::refusal::Refusal;
use crate::text::address;
use crate::text::draft::Draft;
use crate::text::room::Stop;

/// An archive, and what it may cost.
pub(super) struct Package<'a, 'b> {
    archive: Archive<'a>,
    budget: &'b mut Budget,
}

/// Where a part's references lead.
#[derive(Default)]
pub(super) struct Relationships(Vec<Relationship>);

struct Relationship {
    id: Draft,
    target: Draft,
    mode: Mode,
}

#[derive(Clone, Copy, Eq, PartialEq)]
enum Mode {
    /// Another part of the package.
    Internal,
    /// Somewhere else: a link.
    External,
}

/// More relationships than this are not held.
const MOST: usize = 20_000;

impl<'a, 'b> Package<'a, 'b> {
    /// # Errors
    /// As [`Archive::open`].
    pub(super) fn open(octets: &'a [u8], budget: &'b mut Budget) -> Result<Self, Refusal> {
        let archive = Archive::open(octets, budget)?;
        Ok(Self { archive, budget })
    }

    /// The content of a part. `None`: there is none of this name.
    ///
    /// # Errors
    /// As [`Archive::read`].
    pub(super) fn part(&mut self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, Refusal> {
        self.archive.read(name, self.budget)
    }

    /// The content of a part that must be there, or the file is no document of the type that was declared.
    ///
    /// # Errors
    /// [`Refusal::DeclaredOtherwise`], and as [`Package::part`].
    pub(super) fn main_part(&mut self, name: &str) -> Result<Zeroizing<Vec<u8>>, Refusal> {
        self.part(name)?.ok_or(Refusal::DeclaredOtherwise)
    }

    /// The relationships of the part `name` in `folder`.
    ///
    /// # Errors
    /// [`Stop::Refused`].
    pub(super) fn relationships(
        &mut self,
        folder: &str,
        name: &str,
    ) -> Result<Relationships, Stop> {
        let mut found = Relationships::default();
        let path = format!("{folder}/_rels/{name}.rels");
        let Some(content) = self.part(&path)? else {
            return Ok(found);
        };
        nodes(&content, |node| {
            if let Node::Start(tag) = node
                && tag.name() == "Relationship"
                && found.0.len() < MOST
                && let (Some(id), Some(target)) = (tag.attribute("Id"), tag.attribute("Target"))
            {
                let external = tag.attribute("TargetMode").as_deref() == Some("External");
                let mode = if external {
                    Mode::External
                } else {
                    Mode::Internal
                };
                found.0.push(Relationship { id, target, mode });
            }
            Ok(())
        })?;
        Ok(found)
    }
}

impl Relationships {
    fn of(&self, id: &str, mode: Mode) -> Option<&str> {
        let mut all = self.0.iter();
        let found = all.find(|own| own.mode == mode && *own.id == *id)?;
        Some(&found.target)
    }

    /// The address that a link leads to, if it is one that a person follows.
    pub(super) fn link(&self, id: &str) -> Option<Draft> {
        address::followed(self.of(id, Mode::External)?)
    }

    /// The name of the part that is referred to from `folder`.
    pub(super) fn part(&self, folder: &str, id: &str) -> Option<String> {
        let target = self.of(id, Mode::Internal)?;
        Some(match target.strip_prefix('/') {
            Some(from_root) => from_root.to_owned(),
            None => format!("{folder}/{target}"),
        })
    }
}
