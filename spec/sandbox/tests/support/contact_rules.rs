//! Rules of contacts.

use easemob::Error;
use easemob_sandbox::behaviour::Plan;

use crate::support::world::{Outcome, World, refused};

/// Returns the contacts of alice and their remarks.
async fn contacts(world: &World, with_remarks: bool) -> Result<Vec<(String, Option<String>)>, Error> {
    let page = world
        .client
        .contacts()
        .list_page("alice")
        .with_remarks(with_remarks)
        .await?;
    let named = page
        .into_iter()
        .map(|contact| (contact.username.into(), contact.remark.flatten()));
    Ok(named.collect())
}

fn of(username: &str, remark: Option<&str>) -> (String, Option<String>) {
    (username.to_owned(), remark.map(str::to_owned))
}

#[tokio::test]
async fn a_contact_has_a_remark_until_the_contact_is_removed() -> Outcome {
    let world = World::new().await;
    let api = world.client.contacts();
    for contact in ["bob", "carol"] {
        api.add("alice", contact).await?;
    }
    api.set_remark("alice", "bob", "Bob").await?;
    api.set_remark("alice", "bob", "From sales").await?;
    assert_eq!(
        contacts(&world, true).await?,
        [of("bob", Some("From sales")), of("carol", None)]
    );
    assert_eq!(contacts(&world, false).await?, [of("bob", None), of("carol", None)]);
    api.remove("bob", "alice").await?;
    api.add("alice", "bob").await?;
    assert_eq!(contacts(&world, true).await?, [of("carol", None), of("bob", None)]);
    Ok(())
}

#[tokio::test]
async fn only_contacts_have_remarks() -> Outcome {
    let world = World::new().await;
    let api = world.client.contacts();
    refused(api.set_remark("alice", "bob", "Bob").await, 400, "illegal_argument");
    for (owner, contact) in [("alice", "nobody"), ("nobody", "alice")] {
        let set = api.set_remark(owner, contact, "").await;
        refused(set, 404, "service_resource_not_found");
    }
    refused(api.list_page("nobody").await, 404, "service_resource_not_found");
    Ok(())
}

#[tokio::test]
async fn at_most_50_contacts_are_on_a_page() {
    let world = World::new().await;
    let path = |limit: usize| format!("/user/alice/contacts?limit={limit}");
    world.raw_refused("GET", &path(51), None, 400, "illegal_argument").await;
    assert_eq!(world.raw("GET", &path(50), None).await.0, 200);
}

#[tokio::test]
async fn an_import_of_contacts_has_a_list_for_each_outcome() -> Outcome {
    let world = World::new().await;
    world.sandbox.configure(|settings| settings.plan = Plan::Free);
    let api = world.client.contacts();
    for number in 0..100 {
        let user = format!("u{number}");
        world.client.users().create(&*user).await?;
        api.add("erin", &*user).await?;
    }
    let imported = api.import("alice", ["bob", "nobody", "erin", "ALICE"]).await?;
    assert_eq!(imported.added, ["bob"]);
    assert_eq!(imported.not_found, ["nobody"]);
    assert_eq!(imported.over_limit, ["erin"]);
    assert_eq!(imported.failed, ["alice"]);
    assert_eq!(api.list("bob").await?, ["alice"]);
    assert_eq!(api.import("alice", "bob").await?.added, ["bob"]);
    refused(api.import("erin", "bob").await, 403, "exceed_limit");
    refused(api.import("nobody", "bob").await, 404, "service_resource_not_found");
    let mut all = api.list_page("erin").limit(50).stream();
    let mut listed = 0;
    while all.try_next().await?.is_some() {
        listed += 1;
    }
    assert_eq!(listed, 100);
    Ok(())
}
