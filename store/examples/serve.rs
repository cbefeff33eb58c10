//! Serves one Maildir: `serve ADDRESS USER PASSWORD MAILDIR`.

use store::{Account, Config, Limits};

fn main() -> std::io::Result<()> {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, address, user, password, maildir] = arguments.as_slice() else {
        return Err(std::io::Error::other("serve ADDRESS USER PASSWORD MAILDIR"));
    };
    let account = Account {
        user: user.clone(),
        password: password.clone(),
        maildir: maildir.into(),
    };
    let config = Config {
        accounts: vec![account],
        limits: Limits::modest(),
    };
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind(address).await?;
        store::serve(config, listener).await
    })
}
