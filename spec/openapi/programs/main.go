// Uses the Go client that openapi-generator generates.
package main

import (
	"context"
	"errors"
	"log"
	"os"
	"strconv"

	"program/client"
)

const pageSize = 2

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
	token, _, err := connect("", "").TokensAPI.TokensCreate(ctx).TokensCreateRequest(*request).Execute()
	check(err == nil && token.AccessToken != "", "a token", err)
	return token.AccessToken
}

func registerUsers(ctx context.Context, token string) {
	users := []client.UserNew{*client.NewUserNew("alice", "s3cret"), *client.NewUserNew("bob", "s3cret")}
	api := connect(token, "example=users_create_many_1").UserAccountsAPI
	registered, _, err := api.UsersCreate(ctx).UserNew(users).Execute()
	check(err == nil && len(registered.Entities) == 2 && registered.Entities[0].GetUsername() != "", "two users", err)
}

func sendMessage(ctx context.Context, token string) {
	text := client.NewMessagesSendToUsersRequestText([]string{"bob"}, "txt", *client.NewTextBody("Hello, Bob"))
	text.SetFrom("alice")
	message := client.MessagesSendToUsersRequestTextAsMessagesSendToUsersRequest(text)
	sent, _, err := connect(token, "").MessagesAndFilesAPI.MessagesSendToUsers(ctx).MessagesSendToUsersRequest(message).Execute()
	check(err == nil && sent.Data["bob"] != "", "the ID of a message", err)
}

func createGroup(ctx context.Context, token string) string {
	group := client.NewGroupsCreateRequest("alice", true)
	group.SetGroupname("Friends")
	group.SetMembers([]string{"bob"})
	created, _, err := connect(token, "").GroupsAPI.GroupsCreate(ctx).GroupsCreateRequest(*group).Execute()
	check(err == nil && created.Data.Groupid != "", "the ID of a group", err)
	return created.Data.Groupid
}

func listMembers(ctx context.Context, token string, group string) {
	owners, others := 0, 0
	for number := int64(1); ; number++ {
		api := connect(token, "example=group_members_list_"+strconv.FormatInt(number, 10)).GroupMembersAPI
		page, _, err := api.GroupMembersList(ctx, group).Pagenum(number).Pagesize(pageSize).Execute()
		check(err == nil, "a page of members", err)
		for _, member := range page.Data {
			if member.HasOwner() {
				owners++
			} else {
				others++
			}
		}
		if len(page.Data) < pageSize {
			break
		}
	}
	check(owners == 1 && others > 0, "an owner and members", nil)
}

func getUnknownUser(ctx context.Context, token string) {
	_, response, err := connect(token, "code=404").UserAccountsAPI.UsersGet(ctx, "nobody").Execute()
	check(err != nil && response != nil && response.StatusCode == 404, "the status 404", err)
	var failure *client.GenericOpenAPIError
	check(errors.As(err, &failure), "an error of the API", err)
	body, ok := failure.Model().(client.ErrorResponse)
	check(ok && body.GetError() == "service_resource_not_found", "the code of the error", err)
}

// connect returns a client. prefer chooses the response of a mock server; other servers ignore the header.
func connect(token string, prefer string) *client.APIClient {
	configuration := client.NewConfiguration()
	configuration.Servers = client.ServerConfigurations{{URL: os.Getenv("BASE_URL")}}
	if token != "" {
		configuration.AddDefaultHeader("Authorization", "Bearer "+token)
	}
	if prefer != "" {
		configuration.AddDefaultHeader("Prefer", prefer)
	}
	return client.NewAPIClient(configuration)
}

func check(condition bool, expected string, err error) {
	if !condition {
		log.Fatalf("expected %s: %v", expected, err)
	}
}
