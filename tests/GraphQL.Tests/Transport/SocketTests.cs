using System.Net.WebSockets;
using DeployCard.GraphQL.Tests.Support;

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
    public async Task A_message_that_is_none_closes_with_4400(string text)
    {
        await using var server = await TestServer.Start();
        await using var socket = await server.Connect();

        await socket.SendText(text);

        (await socket.CloseCode()).ShouldBe(4400);
    }

    [Fact]
    public async Task A_binary_message_closes_with_4400()
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
    public async Task A_subscribe_that_lacks_something_closes_with_4400(string text)
    {
        await using var server = await TestServer.Start();
        await using var socket = await server.Greeted();

        await socket.SendText(text);

        (await socket.CloseCode()).ShouldBe(4400);
    }

    [Fact]
    public async Task Subscribing_before_the_greeting_closes_with_4401()
    {
        await using var server = await TestServer.Start();
        await using var socket = await server.Connect();

        await socket.Subscribe("1", "{ me }");

        (await socket.CloseCode()).ShouldBe(4401);
    }

    [Theory]
    [InlineData("graphql-ws")]
    [InlineData(null)]
    public async Task Another_subprotocol_is_closed_with_4406(string? protocol)
    {
        await using var server = await TestServer.Start();
        await using var socket = await server.Connect(protocol);

        (await socket.CloseCode()).ShouldBe(4406);
        (socket.Protocol ?? "").ShouldBe(protocol ?? "");
    }

    [Fact]
    public async Task A_silent_socket_is_closed_with_4408()
    {
        await using var server = await TestServer.Start(fakeTime: true);
        await using var socket = await server.Connect();
        await socket.Send(new { type = "ping" });
        (await socket.Receive()).Type.ShouldBe("pong");

        server.Time.Advance(TimeSpan.FromSeconds(10));

        (await socket.CloseCode()).ShouldBe(4408);
    }

    [Fact]
    public async Task An_id_that_is_in_use_closes_with_4409()
    {
        await using var server = await TestServer.Start();
        await using var socket = await server.Greeted();

        await socket.Subscribe("1", Tail);
        await socket.Subscribe("1", Tail);

        (await socket.CloseCode()).ShouldBe(4409);
        await Eventually.True(() => server.Streams.Open == 0, "the first stream has ended");
    }

    [Fact]
    public async Task A_second_greeting_closes_with_4429()
    {
        await using var server = await TestServer.Start();
        await using var socket = await server.Greeted();

        await socket.Send(new { type = "connection_init" });

        (await socket.CloseCode()).ShouldBe(4429);
    }

    [Fact]
    public async Task A_message_that_is_too_large_closes_with_1009()
    {
        await using var server = await TestServer.Start(options => options.MaxMessageBytes = 10_000);
        await using var socket = await server.Greeted();

        await socket.Subscribe("1", "{ me } #" + new string('x', 50_000));

        (await socket.CloseCode()).ShouldBe(1009);
    }

    [Fact]
    public async Task A_ping_is_answered_with_its_payload_even_before_the_greeting()
    {
        await using var server = await TestServer.Start();
        await using var socket = await server.Connect();

        await socket.Send(new { type = "ping", payload = new { a = 1 } });

        var pong = await socket.Receive();
        pong.Type.ShouldBe("pong");
        pong.Payload.GetProperty("a").GetInt32().ShouldBe(1);
    }

    [Fact]
    public async Task Queries_and_mutations_run_on_a_socket_and_their_id_is_free_again()
    {
        await using var server = await TestServer.Start();
        await using var socket = await server.Greeted();

        foreach (var query in (string[])["{ me }", "mutation { count }", "{ me }"])
        {
            await socket.Subscribe("1", query);
            (await socket.Receive()).Type.ShouldBe("next");
            (await socket.Receive()).Type.ShouldBe("complete");
        }
    }

    [Fact]
    public async Task A_subscription_runs_to_its_end_in_order()
    {
        await using var server = await TestServer.Start();
        await using var socket = await server.Greeted();

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
    public async Task A_wrong_document_is_answered_with_an_error_and_the_socket_stays()
    {
        await using var server = await TestServer.Start();
        await using var socket = await server.Greeted();

        await socket.Subscribe("1", "{ nope }");
        var error = await socket.Receive();

        error.Type.ShouldBe("error");
        error.Payload[0].GetProperty("extensions").GetProperty("code").GetString().ShouldBe("GRAPHQL_VALIDATION_FAILED");
        await socket.Subscribe("1", "{ me }");
        (await socket.Receive()).Type.ShouldBe("next");
    }

    [Fact]
    public async Task A_subscription_that_cannot_start_is_answered_with_an_error()
    {
        await using var server = await TestServer.Start();
        await using var socket = await server.Greeted();

        await socket.Subscribe("1", "subscription { tail(id: \"none\") }");

        var error = await socket.Receive();
        error.Type.ShouldBe("error");
        error.Payload[0].GetProperty("extensions").GetProperty("code").GetString().ShouldBe("NOT_FOUND");
    }

    [Theory]
    [InlineData(true, "STREAM_BROKE")]
    [InlineData(false, "INTERNAL")]
    public async Task A_subscription_that_breaks_tells_why_and_ends(bool known, string code)
    {
        await using var server = await TestServer.Start();
        await using var socket = await server.Greeted();

        await socket.Subscribe("1", $"subscription {{ faulty(known: {(known ? "true" : "false")}) }}");

        (await socket.Receive()).Payload.GetProperty("data").GetProperty("faulty").GetInt32().ShouldBe(1);
        var failed = (await socket.Receive()).Payload;
        failed.GetProperty("errors")[0].GetProperty("extensions").GetProperty("code").GetString().ShouldBe(code);
        failed.ToString().ShouldNotContain("secret");
        (await socket.Receive()).Type.ShouldBe("complete");
    }

    [Fact]
    public async Task Completing_ends_the_source_and_frees_the_id()
    {
        await using var server = await TestServer.Start();
        await using var socket = await server.Greeted();
        await socket.Subscribe("1", Tail);
        (await socket.Receive()).Type.ShouldBe("next");
        server.Streams.Open.ShouldBe(1);

        await socket.Complete("1");

        await Eventually.True(() => server.Streams.Open == 0, "the source has ended");
        await socket.Subscribe("1", "{ me }");
        (await socket.Receive()).Payload.ToString().ShouldContain("ada");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Sources_end_when_their_client_closes_or_is_lost(bool orderly)
    {
        await using var server = await TestServer.Start();
        await using var socket = await server.Greeted();
        foreach (var id in (string[])["a", "b", "c"])
            await socket.Subscribe(id, Tail);
        await Eventually.True(() => server.Streams.Open == 3, "the sources are open");

        if (orderly)
            await socket.Close();
        else
            socket.Abort();

        await Eventually.True(() => server.Streams.Open == 0, "the sources have ended");
    }

    [Fact]
    public async Task A_client_that_stops_reading_stops_the_source()
    {
        await using var server = await TestServer.Start();
        await using var socket = await server.Greeted();
        await socket.Subscribe("1", "subscription { flood }");
        (await socket.Receive()).Type.ShouldBe("next");

        await Eventually.Stable(() => server.Streams.Produced, "nothing more is asked for");

        server.Streams.Produced.ShouldBeLessThan(2_000); // 10 kB each: what the buffers of the connection hold
        server.Streams.Open.ShouldBe(1);
        socket.Abort();
        await Eventually.True(() => server.Streams.Open == 0, "the source has ended");
    }

    [Fact]
    public async Task More_operations_than_allowed_are_refused_one_by_one()
    {
        await using var server = await TestServer.Start(options => options.MaxOperationsPerSocket = 2);
        await using var socket = await server.Greeted();
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
    public async Task An_operation_may_be_named_by_its_hash_on_a_socket_too()
    {
        var hash = new string('0', 64);
        await using var server = await TestServer.Start();
        await using var socket = await server.Greeted();

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
    public async Task A_client_that_answers_no_ping_is_taken_for_gone()
    {
        await using var server = await TestServer.Start(options => options.KeepAliveInterval = TimeSpan.FromMilliseconds(200));
        await using var socket = await server.Greeted();
        await socket.Subscribe("1", Tail);

        // Pongs are sent by who reads, and this one does not.
        await Eventually.True(() => server.Streams.Open == 1, "the source is open");
        await Eventually.True(() => server.Streams.Open == 0, "the source has ended");
    }
}
