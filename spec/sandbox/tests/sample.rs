//! The sample in Rust of the page "Test against the sandbox" of the docs.

use easemob_sandbox::{Fault, Sandbox};

#[tokio::test]
async fn a_user_is_registered() -> Result<(), Box<dyn std::error::Error>> {
    let sandbox = Sandbox::start()?;
    let client = sandbox.client()?;
    client.users().create("alice").password("s3cret").await?;
    assert_eq!(sandbox.calls().operation("users.create").status(200).len(), 1);

    // The next call fails, and the client sends it again.
    sandbox.fail(Fault::status(503).operation("users.get"))?;
    assert_eq!(client.users().get("alice").await?.username, "alice");
    Ok(())
}
