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
    public async Task Request_without_a_valid_token_returns_401_before_the_body_is_read(string? authorization)
    {
        await using var server = await TestServer.Start();
        using var client = new HttpClient { BaseAddress = server.Address };
        using var request = new HttpRequestMessage(HttpMethod.Post, "/graphql") { Content = new StringContent("not even JSON") };
        if (authorization is not null)
            request.Headers.TryAddWithoutValidation("Authorization", authorization);

        using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);

        response.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        response.Headers.WwwAuthenticate.ToString().ShouldBe("Bearer");
        response.Content.Headers.ContentType!.MediaType.ShouldBe("application/json");
        (await JsonResponse.Read(response)).FirstCode.ShouldBe("UNAUTHENTICATED");
    }

    [Fact]
    public async Task Event_stream_requires_a_token()
    {
        await using var server = await TestServer.Start();
        using var client = new HttpClient { BaseAddress = server.Address };
        client.DefaultRequestHeaders.Accept.Add(new("text/event-stream"));

        (await client.GetAsync("/graphql?query=%7Bme%7D", TestContext.Current.CancellationToken)).StatusCode.ShouldBe(
            HttpStatusCode.Unauthorized
        );
    }

    [Fact]
    public async Task Open_server_accepts_requests_without_a_token()
    {
        await using var server = await TestServer.Start(open: true);
        server.Http.DefaultRequestHeaders.Authorization = null;

        (await server.Execute("{ me }")).Data.GetProperty("me").GetString().ShouldBe("anyone");
    }

    [Theory]
    [InlineData("authorization")]
    [InlineData("Authorization")]
    public async Task Socket_authenticates_by_connection_init(string key)
    {
        await using var server = await TestServer.Start();
        await using var socket = await server.Connect();

        await socket.Send(
            new { type = "connection_init", payload = new Dictionary<string, string> { [key] = "Bearer " + TestAuthenticator.Token } }
        );

        (await socket.Receive()).Type.ShouldBe("connection_ack");
        await ShouldBeAda(socket);
    }

    [Fact]
    public async Task Socket_authenticates_by_the_upgrade_header()
    {
        await using var server = await TestServer.Start();
        await using var socket = await server.Connect(authorization: "Bearer " + TestAuthenticator.Token);

        await socket.Send(new { type = "connection_init" });

        (await socket.Receive()).Type.ShouldBe("connection_ack");
        await ShouldBeAda(socket);
    }

    [Theory]
    [InlineData("{\"type\":\"connection_init\"}")]
    [InlineData("{\"type\":\"connection_init\",\"payload\":{}}")]
    [InlineData("{\"type\":\"connection_init\",\"payload\":{\"authorization\":7}}")]
    [InlineData("{\"type\":\"connection_init\",\"payload\":{\"authorization\":\"Bearer wrong_9c1e\"}}")]
    public async Task Socket_without_a_valid_token_is_closed_with_4403(string init)
    {
        await using var server = await TestServer.Start();
        await using var socket = await server.Connect();

        await socket.SendText(init);

        (await socket.CloseCode()).ShouldBe(4403);
    }

    [Fact]
    public async Task Open_server_accepts_sockets_only_from_its_own_pages()
    {
        await using var server = await TestServer.Start(open: true);
        await using var own = await server.Connect(origin: server.Address.GetLeftPart(UriPartial.Authority));
        await using var foreign = await server.Connect(origin: "http://evil.test");

        await own.Send(new { type = "connection_init" });
        await foreign.Send(new { type = "connection_init" });

        (await own.Receive()).Type.ShouldBe("connection_ack");
        (await foreign.CloseCode()).ShouldBe(4403);
    }

    [Fact]
    public async Task Tokens_are_never_logged()
    {
        await using var server = await TestServer.Start();
        await server.Execute("{ me broken }");
        await using (var socket = await server.ConnectAndInitialize())
        {
            await socket.Subscribe("1", "{ broken }");
            await socket.Receive();
            await socket.Close();
        }
        server.Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "wrong_9c1e");
        await server.Post("{ me }");

        server.Logs.Lines.ShouldNotBeEmpty();
        server.Logs.Lines.ShouldNotContain(line => line.Contains(TestAuthenticator.Token) || line.Contains("wrong_9c1e"));
    }

    private static async Task ShouldBeAda(TestSocket socket)
    {
        await socket.Subscribe("1", "subscription { tail(id: \"x\") }");
        (await socket.Receive()).Payload.GetProperty("data").GetProperty("tail").GetString().ShouldBe("ada reads x");
    }
}
