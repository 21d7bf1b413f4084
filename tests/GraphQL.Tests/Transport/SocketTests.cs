using System.Net.WebSockets;
using DeployCard.GraphQL.Tests.Support;
using DeployCard.Tests.Support;

namespace DeployCard.GraphQL.Tests.Transport;

public sealed class SocketTests
{
    private const string Tail = "subscription { tail(id: \"x\") }";

    [Theory]
    [InlineData("hello")]
    [InlineData("[1]")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("{\"type\":\"start\"}")]
    [InlineData("{\"type\":7}")]
    [InlineData("{\"type\":\"complete\"}")]
    public async Task Invalid_message_closes_the_socket_with_4400(string text)
    {
        await using var server = await TestServer.Start();
        await using var socket = await server.Connect();

        await socket.SendText(text);

        (await socket.CloseCode()).ShouldBe(4400);
    }

    [Fact]
    public async Task Binary_message_closes_the_socket_with_4400()
    {
        await using var server = await TestServer.Start();
        await using var socket = await server.Connect();

        await socket.SendText("{\"type\":\"ping\"}", WebSocketMessageType.Binary);

        (await socket.CloseCode()).ShouldBe(4400);
    }

    [Theory]
    [InlineData("{\"type\":\"subscribe\",\"payload\":{\"query\":\"{ me }\"}}")]
    [InlineData("{\"type\":\"subscribe\",\"id\":\"\",\"payload\":{\"query\":\"{ me }\"}}")]
    [InlineData("{\"type\":\"subscribe\",\"id\":\"1\"}")]
    [InlineData("{\"type\":\"subscribe\",\"id\":\"1\",\"payload\":{}}")]
    [InlineData("{\"type\":\"subscribe\",\"id\":\"1\",\"payload\":7}")]
    public async Task Incomplete_subscribe_message_closes_the_socket_with_4400(string text)
    {
        await using var server = await TestServer.Start();
        await using var socket = await server.ConnectAndInitialize();

        await socket.SendText(text);

        (await socket.CloseCode()).ShouldBe(4400);
    }

    [Fact]
    public async Task Subscribe_before_initialization_closes_the_socket_with_4401()
    {
        await using var server = await TestServer.Start();
        await using var socket = await server.Connect();

        await socket.Subscribe("1", "{ me }");

        (await socket.CloseCode()).ShouldBe(4401);
    }

    [Theory]
    [InlineData("graphql-ws")]
    [InlineData(null)]
    public async Task Unsupported_subprotocol_closes_the_socket_with_4406(string? protocol)
    {
        await using var server = await TestServer.Start();
        await using var socket = await server.Connect(protocol);

        (await socket.CloseCode()).ShouldBe(4406);
        (socket.Protocol ?? "").ShouldBe(protocol ?? "");
    }

    [Fact]
    public async Task Socket_without_connection_init_is_closed_with_4408()
    {
        await using var server = await TestServer.Start(fakeTime: true);
        await using var socket = await server.Connect();
        await socket.Send(new { type = "ping" });
        (await socket.Receive()).Type.ShouldBe("pong");

        server.Time.Advance(TimeSpan.FromSeconds(10));

        (await socket.CloseCode()).ShouldBe(4408);
    }

    [Fact]
    public async Task Operation_id_in_use_closes_the_socket_with_4409()
    {
        await using var server = await TestServer.Start();
        await using var socket = await server.ConnectAndInitialize();

        await socket.Subscribe("1", Tail);
        await socket.Subscribe("1", Tail);

        (await socket.CloseCode()).ShouldBe(4409);
        await Eventually.True(() => server.Streams.Open == 0, "the first stream has ended", TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Second_connection_init_closes_the_socket_with_4429()
    {
        await using var server = await TestServer.Start();
        await using var socket = await server.ConnectAndInitialize();

        await socket.Send(new { type = "connection_init" });

        (await socket.CloseCode()).ShouldBe(4429);
    }

    [Fact]
    public async Task Too_large_message_closes_the_socket_with_1009()
    {
        await using var server = await TestServer.Start(options => options.MaxMessageBytes = 10_000);
        await using var socket = await server.ConnectAndInitialize();

        await socket.Subscribe("1", "{ me } #" + new string('x', 50_000));

        (await socket.CloseCode()).ShouldBe(1009);
    }

    [Fact]
    public async Task Ping_returns_a_pong_with_its_payload_before_initialization()
    {
        await using var server = await TestServer.Start();
        await using var socket = await server.Connect();

        await socket.Send(new { type = "ping", payload = new { a = 1 } });

        var pong = await socket.Receive();
        pong.Type.ShouldBe("pong");
        pong.Payload.GetProperty("a").GetInt32().ShouldBe(1);
    }

    [Fact]
    public async Task Queries_and_mutations_run_on_a_socket_and_release_their_id()
    {
        await using var server = await TestServer.Start();
        await using var socket = await server.ConnectAndInitialize();

        foreach (var query in (string[])["{ me }", "mutation { count }", "{ me }"])
        {
            await socket.Subscribe("1", query);
            (await socket.Receive()).Type.ShouldBe("next");
            (await socket.Receive()).Type.ShouldBe("complete");
        }
    }

    [Fact]
    public async Task Subscription_sends_all_results_in_order()
    {
        await using var server = await TestServer.Start();
        await using var socket = await server.ConnectAndInitialize();

        await socket.Subscribe("1", "subscription { booksAdded(count: 50) { title } }");

        for (var number = 0; number < 50; number++)
            (await socket.Receive())
                .Payload.GetProperty("data")
                .GetProperty("booksAdded")
                .GetProperty("title")
                .GetString()
                .ShouldBe($"Book {number}");
        (await socket.Receive()).Type.ShouldBe("complete");
    }

    [Fact]
    public async Task Invalid_document_returns_an_error_and_keeps_the_socket_open()
    {
        await using var server = await TestServer.Start();
        await using var socket = await server.ConnectAndInitialize();

        await socket.Subscribe("1", "{ nope }");
        var error = await socket.Receive();

        error.Type.ShouldBe("error");
        error.Payload[0].GetProperty("extensions").GetProperty("code").GetString().ShouldBe("GRAPHQL_VALIDATION_FAILED");
        await socket.Subscribe("1", "{ me }");
        (await socket.Receive()).Type.ShouldBe("next");
    }

    [Fact]
    public async Task Subscription_that_cannot_start_returns_an_error()
    {
        await using var server = await TestServer.Start();
        await using var socket = await server.ConnectAndInitialize();

        await socket.Subscribe("1", "subscription { tail(id: \"none\") }");

        var error = await socket.Receive();
        error.Type.ShouldBe("error");
        error.Payload[0].GetProperty("extensions").GetProperty("code").GetString().ShouldBe("NOT_FOUND");
    }

    [Theory]
    [InlineData(true, "STREAM_BROKE")]
    [InlineData(false, "INTERNAL")]
    public async Task Failing_subscription_sends_its_error_and_ends(bool known, string code)
    {
        await using var server = await TestServer.Start();
        await using var socket = await server.ConnectAndInitialize();

        await socket.Subscribe("1", $"subscription {{ faulty(known: {(known ? "true" : "false")}) }}");

        (await socket.Receive()).Payload.GetProperty("data").GetProperty("faulty").GetInt32().ShouldBe(1);
        var failed = (await socket.Receive()).Payload;
        failed.GetProperty("errors")[0].GetProperty("extensions").GetProperty("code").GetString().ShouldBe(code);
        failed.ToString().ShouldNotContain("secret");
        (await socket.Receive()).Type.ShouldBe("complete");
    }

    [Fact]
    public async Task Completing_ends_the_source_and_releases_the_id()
    {
        await using var server = await TestServer.Start();
        await using var socket = await server.ConnectAndInitialize();
        await socket.Subscribe("1", Tail);
        (await socket.Receive()).Type.ShouldBe("next");
        server.Streams.Open.ShouldBe(1);

        await socket.Complete("1");

        await Eventually.True(() => server.Streams.Open == 0, "the source has ended", TestContext.Current.CancellationToken);
        await socket.Subscribe("1", "{ me }");
        (await socket.Receive()).Payload.ToString().ShouldContain("ada");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Sources_end_when_the_client_closes_or_aborts_the_connection(bool orderly)
    {
        await using var server = await TestServer.Start();
        await using var socket = await server.ConnectAndInitialize();
        foreach (var id in (string[])["a", "b", "c"])
            await socket.Subscribe(id, Tail);
        await Eventually.True(() => server.Streams.Open == 3, "the sources are open", TestContext.Current.CancellationToken);

        if (orderly)
            await socket.Close();
        else
            socket.Abort();

        await Eventually.True(() => server.Streams.Open == 0, "the sources have ended", TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Source_pauses_when_the_client_stops_reading()
    {
        await using var server = await TestServer.Start();
        await using var socket = await server.ConnectAndInitialize();
        await socket.Subscribe("1", "subscription { flood }");
        (await socket.Receive()).Type.ShouldBe("next");

        await Eventually.Stable(() => server.Streams.Produced, "no further item is requested", TestContext.Current.CancellationToken);

        server.Streams.Produced.ShouldBeLessThan(2_000); // 10 kB each; the buffers of the connection hold about this many
        server.Streams.Open.ShouldBe(1);
        socket.Abort();
        await Eventually.True(() => server.Streams.Open == 0, "the source has ended", TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Operations_beyond_the_limit_are_rejected_individually()
    {
        await using var server = await TestServer.Start(options => options.MaxOperationsPerSocket = 2);
        await using var socket = await server.ConnectAndInitialize();
        foreach (var id in (string[])["a", "b"])
        {
            await socket.Subscribe(id, Tail);
            (await socket.Receive()).Type.ShouldBe("next");
        }

        await socket.Subscribe("c", Tail);

        var error = await socket.Receive();
        error.Id.ShouldBe("c");
        error.Payload[0].GetProperty("extensions").GetProperty("code").GetString().ShouldBe("TOO_MANY_OPERATIONS");
    }

    [Fact]
    public async Task Operation_can_be_identified_by_its_hash_on_a_socket()
    {
        var hash = new string('0', 64);
        await using var server = await TestServer.Start();
        await using var socket = await server.ConnectAndInitialize();

        await socket.Send(
            new
            {
                id = "1",
                type = "subscribe",
                payload = new { extensions = new { persistedQuery = new { version = 1, sha256Hash = hash } } },
            }
        );

        var error = await socket.Receive();
        error.Payload[0].GetProperty("extensions").GetProperty("code").GetString().ShouldBe("PERSISTED_QUERY_NOT_FOUND");
    }

    [Fact]
    public async Task Client_that_does_not_respond_to_pings_is_disconnected()
    {
        await using var server = await TestServer.Start(options => options.KeepAliveInterval = TimeSpan.FromMilliseconds(200));
        await using var socket = await server.ConnectAndInitialize();
        await socket.Subscribe("1", Tail);

        // A client sends pongs only while it reads, and this client does not read.
        await Eventually.True(() => server.Streams.Open == 1, "the source is open", TestContext.Current.CancellationToken);
        await Eventually.True(() => server.Streams.Open == 0, "the source has ended", TestContext.Current.CancellationToken);
    }
}
