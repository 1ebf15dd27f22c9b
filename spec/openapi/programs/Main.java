import java.util.List;
import java.util.Map;
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
    private static final int PAGE_SIZE = 2;

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
        List<User> registered = users.usersCreate(accounts, prefer("example=users_create_many_1")).getEntities();
        check(registered.size() == 2 && registered.get(0).getUsername() != null, "two users: " + registered);

        MessagesSendToUsersRequestText message = new MessagesSendToUsersRequestText()
            .type(MessagesSendToUsersRequestText.TypeEnum.TXT)
            .from("alice")
            .to(List.of("bob"))
            .body(new TextBody().msg("Hello, Bob"));
        Map<String, String> ids = new MessagesAndFilesApi(client)
            .messagesSendToUsers(new MessagesSendToUsersRequest(message)).getData();
        check(ids.containsKey("bob"), "the ID of a message: " + ids);

        GroupsCreateRequest group = new GroupsCreateRequest().groupname("Friends").owner("alice")._public(true).addMembersItem("bob");
        String groupId = new GroupsApi(client).groupsCreate(group).getData().getGroupid();
        check(!groupId.isEmpty(), "the ID of a group");

        GroupMembersApi members = new GroupMembersApi(client);
        int owners = 0;
        int others = 0;
        List<Member> page;
        long number = 0;
        do {
            number++;
            page = members.groupMembersList(groupId, number, (long) PAGE_SIZE, prefer("example=group_members_list_" + number)).getData();
            owners += page.stream().filter(member -> member.getOwner() != null).count();
            others += page.stream().filter(member -> member.getMember() != null).count();
        } while (page.size() == PAGE_SIZE);
        check(owners == 1 && others > 0, owners + " owners and " + others + " members");

        try {
            users.usersGet("nobody", prefer("code=404"));
            check(false, "an error");
        } catch (ApiException error) {
            check(error.getCode() == 404, "the status 404: " + error);
            check(ErrorCode.of(error).equals("service_resource_not_found"), "the code of the error: " + error);
        }
    }

    /** Chooses the response of a mock server. Other servers ignore the header. */
    private static Map<String, String> prefer(String what) {
        return Map.of("Prefer", what);
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
