import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.openapitools.client.ApiClient;
import org.openapitools.client.ApiException;
import org.openapitools.client.api.GroupMembersApi;
import org.openapitools.client.api.GroupsApi;
import org.openapitools.client.api.MessagesAndFilesApi;
import org.openapitools.client.api.TokensApi;
import org.openapitools.client.api.UserAccountsApi;
import org.openapitools.client.model.ErrorResponse;
import org.openapitools.client.model.GroupsCreateRequest;
import org.openapitools.client.model.Member;
import org.openapitools.client.model.MessagesSendToUsersRequest;
import org.openapitools.client.model.MessagesSendToUsersRequestText;
import org.openapitools.client.model.TextBody;
import org.openapitools.client.model.TokensCreateRequest;
import org.openapitools.client.model.User;
import org.openapitools.client.model.UserNew;

/** Uses the Java client that openapi-generator generates. */
public final class Main {
    /** So small that the members of the group fill several pages. */
    private static final int PAGE_SIZE = 1;

    public static void main(String[] arguments) throws ApiException {
        ApiClient client = new ApiClient();
        client.updateBaseUri(System.getenv("BASE_URL"));

        TokensCreateRequest credentials = new TokensCreateRequest()
            .grantType(TokensCreateRequest.GrantTypeEnum.CLIENT_CREDENTIALS)
            .clientId(System.getenv("CLIENT_ID"))
            .clientSecret(System.getenv("CLIENT_SECRET"));
        String token = new TokensApi(client).tokensCreate(credentials).getAccessToken();
        check(!token.isEmpty(), "a token");
        client.setRequestInterceptor(request -> request.header("Authorization", "Bearer " + token));

        UserAccountsApi users = new UserAccountsApi(client);
        List<UserNew> accounts = Stream.of("alice", "bob").map(name -> new UserNew().username(name).password("s3cret")).toList();
        List<User> registered = users.usersCreate(accounts).getEntities();
        check(registered.stream().map(User::getUsername).toList().equals(List.of("alice", "bob")), "two users: " + registered);

        MessagesSendToUsersRequestText message = new MessagesSendToUsersRequestText()
            .type(MessagesSendToUsersRequestText.TypeEnum.TXT)
            .from("alice")
            .to(List.of("bob"))
            .body(new TextBody().msg("Hello, Bob"));
        Map<String, String> ids = new MessagesAndFilesApi(client)
            .messagesSendToUsers(new MessagesSendToUsersRequest(message)).getData();
        check(ids.keySet().equals(Set.of("bob")), "the ID of a message to bob: " + ids);

        GroupsCreateRequest group = new GroupsCreateRequest().groupname("Friends").owner("alice")._public(true).addMembersItem("bob");
        String groupId = new GroupsApi(client).groupsCreate(group).getData().getGroupid();
        check(!groupId.isEmpty(), "the ID of a group");

        GroupMembersApi members = new GroupMembersApi(client);
        List<Member> all = new ArrayList<>();
        List<Member> page;
        long number = 0;
        do {
            number++;
            page = members.groupMembersList(groupId, number, (long) PAGE_SIZE).getData();
            all.addAll(page);
        } while (page.size() == PAGE_SIZE);
        check(all.stream().map(Member::getOwner).filter(Objects::nonNull).toList().equals(List.of("alice")), "the owner: " + all);
        check(all.stream().map(Member::getMember).filter(Objects::nonNull).toList().equals(List.of("bob")), "the member: " + all);

        try {
            users.usersGet("nobody");
            check(false, "an error");
        } catch (ApiException error) {
            check(error.getCode() == 404, "the status 404: " + error);
            check(ErrorCode.of(error).equals("service_resource_not_found"), "the code of the error: " + error);
        }
    }

    private static void check(boolean condition, String expected) {
        if (!condition) {
            throw new IllegalStateException("expected " + expected);
        }
    }

    /** Reads the body of an error. */
    private static final class ErrorCode {
        static String of(ApiException error) {
            try {
                return ApiClient.createDefaultObjectMapper().readValue(error.getResponseBody(), ErrorResponse.class).getError();
            } catch (java.io.IOException unreadable) {
                throw new IllegalStateException(unreadable);
            }
        }
    }
}
