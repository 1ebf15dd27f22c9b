//! Uses the Rust client that progenitor generates.

use std::env;
use std::error::Error;
use std::num::NonZeroU64;

use accept_progenitor::types::{
    GroupsCreateRequest, MessagesSendToUsersRequest, MessagesSendToUsersRequestText,
    MessagesSendToUsersRequestTextType, TextBody, TokensCreateRequest, TokensCreateRequestGrantType, UserNew,
    UsersCreateRequest,
};
use accept_progenitor::{Client, Error as ClientError};
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};

/// So small that the members of the group fill several pages.
const PAGE_SIZE: u64 = 1;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let credentials = TokensCreateRequest {
        auto_create_user: None,
        client_id: Some(env::var("CLIENT_ID")?.parse()?),
        client_secret: Some(env::var("CLIENT_SECRET")?.parse()?),
        grant_type: TokensCreateRequestGrantType::ClientCredentials,
        password: None,
        ttl: None,
        username: None,
    };
    let token = connect("")?
        .tokens_create(&credentials)
        .await?
        .into_inner()
        .access_token;
    assert!(!token.is_empty());

    let account = |name: &str| -> Result<UserNew, Box<dyn Error>> {
        Ok(UserNew {
            nickname: None,
            password: "s3cret".parse()?,
            username: name.parse()?,
        })
    };
    let accounts = UsersCreateRequest(vec![account("alice")?, account("bob")?]);
    let registered = connect(&token)?.users_create(&accounts).await?;
    let users = registered.into_inner().entities.unwrap_or_default();
    let names: Vec<_> = users.iter().map(|user| user.username.as_str()).collect();
    assert_eq!(names, ["alice", "bob"]);

    let text = MessagesSendToUsersRequestText {
        body: TextBody {
            msg: "Hello, Bob".to_owned(),
        },
        ext: serde_json::Map::new(),
        from: Some("alice".parse()?),
        msg_timestamp: None,
        roam_ignore_users: Vec::new(),
        routetype: None,
        sync_device: None,
        to: vec!["bob".to_owned()],
        type_: MessagesSendToUsersRequestTextType::Txt,
    };
    let message = MessagesSendToUsersRequest::Text(text);
    let sent = connect(&token)?.messages_send_to_users(&message).await?.into_inner();
    assert_eq!(sent.data.keys().collect::<Vec<_>>(), ["bob"]);

    let group = GroupsCreateRequest {
        allowinvites: None,
        avatar: None,
        custom: None,
        description: None,
        groupid: None,
        groupname: Some("Friends".parse()?),
        invite_need_confirm: None,
        maxusers: None,
        members: vec!["bob".parse()?],
        membersonly: None,
        owner: "alice".parse()?,
        public: true,
    };
    let group_id = connect(&token)?.groups_create(&group).await?.into_inner().data.groupid;

    let mut members = Vec::new();
    for number in 1.. {
        let client = connect(&token)?;
        let page = client.group_members_list(&group_id, NonZeroU64::new(number), NonZeroU64::new(PAGE_SIZE));
        let page = page.await?.into_inner().data.unwrap_or_default();
        let is_last = (page.len() as u64) < PAGE_SIZE;
        members.extend(page);
        if is_last {
            break;
        }
    }
    let owners: Vec<_> = members
        .iter()
        .filter_map(|member| Some(member.owner.as_ref()?.as_str()))
        .collect();
    let others: Vec<_> = members
        .iter()
        .filter_map(|member| Some(member.member.as_ref()?.as_str()))
        .collect();
    assert_eq!((owners, others), (vec!["alice"], vec!["bob"]));

    match connect(&token)?.users_get(&"nobody".parse()?).await {
        Err(ClientError::ErrorResponse(response)) => {
            assert_eq!(response.status(), 404);
            assert_eq!(response.error.as_deref(), Some("service_resource_not_found"));
        }
        other => panic!("{other:?}"),
    }
    Ok(())
}

/// Returns a client that sends the token, if there is one.
fn connect(token: &str) -> Result<Client, Box<dyn Error>> {
    let mut headers = HeaderMap::new();
    if !token.is_empty() {
        headers.insert(AUTHORIZATION, HeaderValue::from_str(&format!("Bearer {token}"))?);
    }
    let http = reqwest::Client::builder().default_headers(headers).build()?;
    Ok(Client::new_with_client(&env::var("BASE_URL")?, http))
}
