//! CONVERT (RFC 5259): the commands CONVERT and CONVERSIONS, the responses CONVERTED and CONVERSION, the ERROR phrase.
//!
//! What is written keeps to the RFC's grammar; what is read may also follow its examples, which do not.

mod converted;
mod phrase;
mod request;

pub use converted::{Converted, ConvertedAttribute, Outcome};
pub use phrase::{BadParameters, ErrorCode, ErrorPhrase, MissingParameters};
pub use request::{Conversion, Conversions, Convert, ConvertItem, ParameterName, Parameters};
