//! Rules of the shared files of groups.

use easemob::File;
use easemob::types::UploadedGroupFile;
use serde_json::json;

use crate::support::world::{NOW, Outcome, World, refused};

/// The time for which a shared file is kept, in seconds.
const LIFETIME: u64 = 7 * 24 * 3600;

async fn upload(world: &World, name: &str) -> Result<UploadedGroupFile, easemob::Error> {
    let file = File::bytes(name, "a plan").content_type("text/plain");
    world.client.group_files().upload(&*world.group, file).await
}

#[tokio::test]
async fn a_shared_file_can_be_listed_and_downloaded() -> Outcome {
    let world = World::new().await;
    let files = world.client.group_files();
    let first = upload(&world, "Plan.TXT").await?;
    let second = upload(&world, "b.txt").await?;
    assert_eq!((&*first.name, first.size, first.created.0), ("plan.txt", 6, NOW));
    assert!(first.url.ends_with(first.id.as_str()) && first.url.starts_with(&world.sandbox.app_url()));
    assert_eq!(first.group_id, *world.group);
    let listed = files.list(&*world.group).await?;
    let shown: Vec<_> = listed
        .iter()
        .map(|file| (&*file.name, &*file.owner, file.size))
        .collect();
    assert_eq!(shown, [("b.txt", "alice", 6), ("plan.txt", "alice", 6)]);
    let page = files.list(&*world.group).page_number(2).page_size(1).await?;
    assert_eq!((page.len(), &page[0].id), (1, &first.id));
    let content = files.download(&*world.group, &second.id).await?.bytes().await?;
    assert_eq!(content, "a plan");
    Ok(())
}

#[tokio::test]
async fn a_shared_file_can_be_deleted_once() -> Outcome {
    let world = World::new().await;
    let files = world.client.group_files();
    let file = upload(&world, "a.txt").await?;
    files.delete(&*world.group, &file.id).await?;
    assert!(files.list(&*world.group).await?.is_empty());
    let download = files.download(&*world.group, &file.id).await;
    refused(download.map(drop), 404, "RestGroupFeignException");
    let again = files.delete(&*world.group, &file.id).await;
    refused(again, 404, "RestGroupFeignException");
    Ok(())
}

#[tokio::test]
async fn shared_files_belong_to_a_group() -> Outcome {
    let world = World::new().await;
    let files = world.client.group_files();
    let file = upload(&world, "a.txt").await?;
    let other = world.client.groups().create("bob", false).await?.group_id;
    assert!(files.list(&other).await?.is_empty());
    let download = files.download(&other, &file.id).await;
    refused(download.map(drop), 404, "RestGroupFeignException");
    refused(files.list("1").await, 404, "RestGroupFeignException");
    refused(
        files.upload("1", File::bytes("a.txt", "a")).await,
        404,
        "RestGroupFeignException",
    );
    world.group().delete().await?;
    let download = files.download(&*world.group, &file.id).await;
    refused(download.map(drop), 404, "RestGroupFeignException");
    Ok(())
}

#[tokio::test]
async fn an_upload_without_a_file_is_an_error() {
    let world = World::new().await;
    let path = format!("/chatgroups/{}/share_files", world.group);
    let body = "--b\r\ncontent-disposition: form-data; name=\"other\"\r\n\r\na\r\n--b--\r\n";
    let (status, error) = world
        .raw_with(
            "POST",
            &path,
            Some(&world.token),
            "multipart/form-data; boundary=b",
            Some(body.to_owned()),
        )
        .await;
    assert_eq!((status, &error["error"]), (400, &json!("IllegalArgumentException")));
}

#[tokio::test]
async fn shared_files_expire_after_7_days() -> Outcome {
    let world = World::new().await;
    let files = world.client.group_files();
    let file = upload(&world, "a.txt").await?;
    world.advance(LIFETIME);
    assert_eq!(files.list(&*world.group).await?.len(), 1);
    world.advance(1);
    assert!(files.list(&*world.group).await?.is_empty());
    let download = files.download(&*world.group, &file.id).await;
    refused(download.map(drop), 404, "RestGroupFeignException");
    let deleted = files.delete(&*world.group, &file.id).await;
    refused(deleted, 404, "RestGroupFeignException");
    Ok(())
}
