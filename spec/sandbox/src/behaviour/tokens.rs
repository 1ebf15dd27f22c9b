//! App tokens and user tokens.

use super::accounts::UserNo;
use super::{App, Subject};
use crate::errors::Known;
use crate::runtime::{Call, Failure};
use crate::sections::tokens::{Tokens, create_app_token, create_inherited_token, create_user_token};
use crate::types::Token;

/// The lifetime of a token in seconds unless the request states one: 60 days.
const LIFETIME: i64 = 60 * 24 * 3600;

impl App {
    fn issue(&mut self, call: &Call<'_>, subject: Subject, ttl: Option<i64>) -> Token {
        let ttl = ttl.unwrap_or(LIFETIME);
        // 0 means forever.
        let expires = (ttl != 0).then(|| call.now.saturating_add(ttl.saturating_mul(1000)));
        let access_token = self.ids.secret(40);
        self.tokens.issue(access_token.clone(), subject, expires);
        Token {
            access_token,
            expires_in: ttl,
            application: (subject == Subject::App).then(|| self.uuid.clone()),
            user: match subject {
                Subject::App => None,
                Subject::User(user) => Some(self.user(user)),
            },
        }
    }

    /// Returns the user for whom a token is requested. `Ok(None)` if the user does not exist.
    fn user_of_token(&self, username: &str) -> Result<Option<UserNo>, Failure> {
        let user = self.accounts.find(username);
        let account = user.and_then(|user| self.accounts.get(user));
        if account.is_some_and(|account| account.banned) {
            let message = format!("user {username} is banned");
            return Err(Failure::new(Known::InvalidGrant400, message));
        }
        Ok(user)
    }

    fn missing_user(username: &str) -> Failure {
        Failure::new(Known::InvalidGrant404, format!("user {username} does not exist"))
    }
}

impl Tokens for App {
    fn create_app_token(
        &mut self,
        call: &Call<'_>,
        arguments: create_app_token::CreateAppToken,
    ) -> Result<Token, Failure> {
        if arguments.client_id != self.client_id {
            return Err(Failure::new(Known::InvalidGrant400, "the client ID is wrong"));
        }
        if arguments.client_secret != self.client_secret {
            return Err(Failure::new(Known::InvalidGrant400, "the client secret is wrong"));
        }
        Ok(self.issue(call, Subject::App, arguments.ttl))
    }

    fn create_user_token(
        &mut self,
        call: &Call<'_>,
        arguments: create_user_token::CreateUserToken,
    ) -> Result<Token, Failure> {
        let user = self.user_of_token(&arguments.username)?;
        let user = user.ok_or_else(|| Self::missing_user(&arguments.username))?;
        let password = self.accounts.get(user).and_then(|account| account.password.as_ref());
        if !password.is_some_and(|password| password.matches(&arguments.password)) {
            return Err(Failure::new(Known::InvalidGrant400, "the password is wrong"));
        }
        Ok(self.issue(call, Subject::User(user), arguments.ttl))
    }

    fn create_inherited_token(
        &mut self,
        call: &Call<'_>,
        arguments: create_inherited_token::CreateInheritedToken,
    ) -> Result<Token, Failure> {
        let user = match self.user_of_token(&arguments.username)? {
            Some(user) => user,
            None if arguments.auto_create_user => self.register(call.now, &arguments.username, None, None)?,
            None => return Err(Self::missing_user(&arguments.username)),
        };
        Ok(self.issue(call, Subject::User(user), arguments.ttl))
    }
}
