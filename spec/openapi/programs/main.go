// Uses the Go client that openapi-generator generates.
package main

import (
	"context"
	"errors"
	"log"
	"os"
	"strings"

	"program/client"
)

// pageSize is so small that the members of the group fill several pages.
const pageSize = 1

func main() {
	ctx := context.Background()
	token := newToken(ctx)
	registerUsers(ctx, token)
	sendMessage(ctx, token)
	listMembers(ctx, token, createGroup(ctx, token))
	getUnknownUser(ctx, token)
}

func newToken(ctx context.Context) string {
	request := client.NewTokensCreateRequest("client_credentials")
	request.SetClientId(os.Getenv("CLIENT_ID"))
	request.SetClientSecret(os.Getenv("CLIENT_SECRET"))
	token, _, err := connect("").TokensAPI.TokensCreate(ctx).TokensCreateRequest(*request).Execute()
	check(err == nil && token.AccessToken != "", "a token", err)
	return token.AccessToken
}

func registerUsers(ctx context.Context, token string) {
	users := []client.UserNew{*client.NewUserNew("alice", "s3cret"), *client.NewUserNew("bob", "s3cret")}
	api := connect(token).UserAccountsAPI
	registered, _, err := api.UsersCreate(ctx).UserNew(users).Execute()
	check(err == nil, "two users", err)
	names := []string{}
	for _, user := range registered.Entities {
		names = append(names, user.GetUsername())
	}
	check(strings.Join(names, ",") == "alice,bob", "two users", nil)
}

func sendMessage(ctx context.Context, token string) {
	text := client.NewMessagesSendToUsersRequestText([]string{"bob"}, "txt", *client.NewTextBody("Hello, Bob"))
	text.SetFrom("alice")
	message := client.MessagesSendToUsersRequestTextAsMessagesSendToUsersRequest(text)
	sent, _, err := connect(token).MessagesAndFilesAPI.MessagesSendToUsers(ctx).MessagesSendToUsersRequest(message).Execute()
	check(err == nil && len(sent.Data) == 1 && sent.Data["bob"] != "", "the ID of a message to bob", err)
}

func createGroup(ctx context.Context, token string) string {
	group := client.NewGroupsCreateRequest("alice", true)
	group.SetGroupname("Friends")
	group.SetMembers([]string{"bob"})
	created, _, err := connect(token).GroupsAPI.GroupsCreate(ctx).GroupsCreateRequest(*group).Execute()
	check(err == nil && created.Data.Groupid != "", "the ID of a group", err)
	return created.Data.Groupid
}

func listMembers(ctx context.Context, token string, group string) {
	owners, members := []string{}, []string{}
	for number := int64(1); ; number++ {
		page, _, err := connect(token).GroupMembersAPI.GroupMembersList(ctx, group).Pagenum(number).Pagesize(pageSize).Execute()
		check(err == nil, "a page of members", err)
		for _, member := range page.Data {
			if member.HasOwner() {
				owners = append(owners, member.GetOwner())
			} else {
				members = append(members, member.GetMember())
			}
		}
		if len(page.Data) < pageSize {
			break
		}
	}
	check(strings.Join(owners, ",") == "alice", "the owner", nil)
	check(strings.Join(members, ",") == "bob", "the member", nil)
}

func getUnknownUser(ctx context.Context, token string) {
	_, response, err := connect(token).UserAccountsAPI.UsersGet(ctx, "nobody").Execute()
	check(err != nil && response != nil && response.StatusCode == 404, "the status 404", err)
	var failure *client.GenericOpenAPIError
	check(errors.As(err, &failure), "an error of the API", err)
	body, ok := failure.Model().(client.ErrorResponse)
	check(ok && body.GetError() == "service_resource_not_found", "the code of the error", err)
}

// connect returns a client that sends the token, if there is one.
func connect(token string) *client.APIClient {
	configuration := client.NewConfiguration()
	configuration.Servers = client.ServerConfigurations{{URL: os.Getenv("BASE_URL")}}
	if token != "" {
		configuration.AddDefaultHeader("Authorization", "Bearer "+token)
	}
	return client.NewAPIClient(configuration)
}

func check(condition bool, expected string, err error) {
	if !condition {
		log.Fatalf("expected %s: %v", expected, err)
	}
}
