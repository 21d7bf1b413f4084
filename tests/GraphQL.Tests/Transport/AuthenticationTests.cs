using System.Net;
using System.Net.Http.Headers;
using DeployCard.GraphQL.Tests.Support;

namespace DeployCard.GraphQL.Tests.Transport;

public sealed class AuthenticationTests
{
    [Theory]
    [InlineData(null)]
    [InlineData("Bearer")]
    [InlineData("Bearer wrong_9c1e")]
    [InlineData("Basic dc_admin_7f3a")]
    public async Task Without_a_valid_token_it_is_401_before_anything_is_read(string? authorization)
    {
        await using var server = await TestServer.StartAsync();
        using var client = new HttpClient { BaseAddress = server.Address };
        using var request = new HttpRequestMessage(HttpMethod.Post, "/graphql") { Content = new StringContent("not even JSON") };
        if (authorization is not null) request.Headers.TryAddWithoutValidation("Authorization", authorization);

        using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);

        response.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        response.Headers.WwwAuthenticate.ToString().ShouldBe("Bearer");
        response.Content.Headers.ContentType!.MediaType.ShouldBe("application/json");
        (await JsonAnswer.ReadAsync(response)).FirstCode.ShouldBe("UNAUTHENTICATED");
    }

    [Fact]
    public async Task Events_need_a_token_too()
    {
        await using var server = await TestServer.StartAsync();
        using var client = new HttpClient { BaseAddress = server.Address };
        client.DefaultRequestHeaders.Accept.Add(new("text/event-stream"));

        (await client.GetAsync("/graphql?query=%7Bme%7D", TestContext.Current.CancellationToken)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task An_open_server_lets_in_who_has_no_token()
    {
        await using var server = await TestServer.StartAsync(open: true);
        server.Http.DefaultRequestHeaders.Authorization = null;

        (await server.AskAsync("{ me }")).Data.GetProperty("me").GetString().ShouldBe("anyone");
    }

    [Theory]
    [InlineData("authorization")]
    [InlineData("Authorization")]
    public async Task A_socket_gives_its_token_in_its_first_message(string key)
    {
        await using var server = await TestServer.StartAsync();
        await using var socket = await server.ConnectAsync();

        await socket.SendAsync(new { type = "connection_init", payload = new Dictionary<string, string> { [key] = "Bearer " + TestAuthenticator.Token } });

        (await socket.ReceiveAsync()).Type.ShouldBe("connection_ack");
        await ShouldBeAdaAsync(socket);
    }

    [Fact]
    public async Task A_socket_may_give_its_token_in_the_header_of_the_upgrade()
    {
        await using var server = await TestServer.StartAsync();
        await using var socket = await server.ConnectAsync(authorization: "Bearer " + TestAuthenticator.Token);

        await socket.SendAsync(new { type = "connection_init" });

        (await socket.ReceiveAsync()).Type.ShouldBe("connection_ack");
        await ShouldBeAdaAsync(socket);
    }

    [Theory]
    [InlineData("{\"type\":\"connection_init\"}")]
    [InlineData("{\"type\":\"connection_init\",\"payload\":{}}")]
    [InlineData("{\"type\":\"connection_init\",\"payload\":{\"authorization\":7}}")]
    [InlineData("{\"type\":\"connection_init\",\"payload\":{\"authorization\":\"Bearer wrong_9c1e\"}}")]
    public async Task A_socket_without_a_valid_token_is_closed_with_4403(string init)
    {
        await using var server = await TestServer.StartAsync();
        await using var socket = await server.ConnectAsync();

        await socket.SendTextAsync(init);

        (await socket.CloseCodeAsync()).ShouldBe(4403);
    }

    [Fact]
    public async Task An_open_server_takes_sockets_from_its_own_pages_only()
    {
        await using var server = await TestServer.StartAsync(open: true);
        await using var own = await server.ConnectAsync(origin: server.Address.GetLeftPart(UriPartial.Authority));
        await using var foreign = await server.ConnectAsync(origin: "http://evil.test");

        await own.SendAsync(new { type = "connection_init" });
        await foreign.SendAsync(new { type = "connection_init" });

        (await own.ReceiveAsync()).Type.ShouldBe("connection_ack");
        (await foreign.CloseCodeAsync()).ShouldBe(4403);
    }

    [Fact]
    public async Task Tokens_are_never_logged()
    {
        await using var server = await TestServer.StartAsync();
        await server.AskAsync("{ me broken }");
        await using (var socket = await server.GreetedAsync())
        {
            await socket.SubscribeAsync("1", "{ broken }");
            await socket.ReceiveAsync();
            await socket.CloseAsync();
        }
        server.Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "wrong_9c1e");
        await server.PostAsync("{ me }");

        server.Logs.Lines.ShouldNotBeEmpty();
        server.Logs.Lines.ShouldNotContain(line => line.Contains(TestAuthenticator.Token) || line.Contains("wrong_9c1e"));
    }

    private static async Task ShouldBeAdaAsync(TestSocket socket)
    {
        await socket.SubscribeAsync("1", "subscription { tail(id: \"x\") }");
        (await socket.ReceiveAsync()).Payload.GetProperty("data").GetProperty("tail").GetString().ShouldBe("ada reads x");
    }
}
