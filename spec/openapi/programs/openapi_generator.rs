//! Uses the Rust client that openapi-generator generates.

use std::env;
use std::error::Error;

use client::apis::Error as ApiError;
use client::apis::configuration::Configuration;
use client::apis::group_members_api::group_members_list;
use client::apis::groups_api::groups_create;
use client::apis::messages_and_files_api::messages_send_to_users;
use client::apis::tokens_api::tokens_create;
use client::apis::user_accounts_api::{UsersGetError, users_create, users_get};
use client::models::messages_send_to_users_request_text::Type;
use client::models::tokens_create_request::GrantType;
use client::models::{
    GroupsCreateRequest, MessagesSendToUsersRequest, MessagesSendToUsersRequestText, TextBody, TokensCreateRequest,
    UserNew,
};

/// So small that the members of the group fill several pages.
const PAGE_SIZE: usize = 1;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let credentials = TokensCreateRequest {
        client_id: Some(env::var("CLIENT_ID")?),
        client_secret: Some(env::var("CLIENT_SECRET")?),
        ..TokensCreateRequest::new(GrantType::ClientCredentials)
    };
    let token = tokens_create(&connect("")?, credentials).await?.access_token;
    assert!(!token.is_empty());

    let accounts = ["alice", "bob"].map(|name| UserNew::new(name.to_owned(), "s3cret".to_owned()));
    let registered = users_create(&connect(&token)?, accounts.to_vec()).await?;
    let users = registered.entities.flatten().unwrap_or_default();
    assert_eq!(
        users.iter().map(|user| &user.username).collect::<Vec<_>>(),
        ["alice", "bob"]
    );

    let text = MessagesSendToUsersRequestText {
        from: Some("alice".to_owned()),
        ..MessagesSendToUsersRequestText::new(
            vec!["bob".to_owned()],
            Type::Txt,
            TextBody::new("Hello, Bob".to_owned()),
        )
    };
    let message = MessagesSendToUsersRequest::Txt(Box::new(text));
    let sent = messages_send_to_users(&connect(&token)?, message).await?;
    assert_eq!(sent.data.keys().collect::<Vec<_>>(), ["bob"]);

    let group = GroupsCreateRequest {
        groupname: Some("Friends".to_owned()),
        members: Some(vec!["bob".to_owned()]),
        ..GroupsCreateRequest::new("alice".to_owned(), true)
    };
    let group_id = groups_create(&connect(&token)?, group).await?.data.groupid;

    let mut members = Vec::new();
    for number in 1.. {
        let page = group_members_list(&connect(&token)?, &group_id, Some(number), Some(PAGE_SIZE as i64)).await?;
        let page = page.data.flatten().unwrap_or_default();
        let is_last = page.len() < PAGE_SIZE;
        members.extend(page);
        if is_last {
            break;
        }
    }
    let owners: Vec<_> = members.iter().filter_map(|member| member.owner.as_deref()).collect();
    let others: Vec<_> = members.iter().filter_map(|member| member.member.as_deref()).collect();
    assert_eq!((owners, others), (vec!["alice"], vec!["bob"]));

    match users_get(&connect(&token)?, "nobody").await {
        Err(ApiError::ResponseError(response)) => {
            assert_eq!(response.status, 404);
            // The variants of the generated enum are not distinguished by the status.
            let (UsersGetError::Status401(error) | UsersGetError::Status404(error)) = response.entity.expect("a body")
            else {
                panic!("{}", response.content);
            };
            assert_eq!(error.error.as_deref(), Some("service_resource_not_found"));
        }
        other => panic!("{other:?}"),
    }
    Ok(())
}

/// Returns a configuration with the token, if there is one.
fn connect(token: &str) -> Result<Configuration, Box<dyn Error>> {
    Ok(Configuration {
        base_path: env::var("BASE_URL")?,
        bearer_access_token: (!token.is_empty()).then(|| token.to_owned()),
        ..Configuration::default()
    })
}
