using System.Diagnostics;
using DeployCard.GraphQL.Tests.Support;
using DeployCard.Tests.Support;

namespace DeployCard.GraphQL.Tests.Transport;

public sealed class ShutdownTests
{
    // Far below the 30 s that a host waits for open requests, but enough for a busy machine.
    private static readonly TimeSpan Quick = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task Open_sockets_are_closed_with_1001_and_do_not_delay_shutdown()
    {
        await using var server = await TestServer.Start();
        await using var socket = await server.ConnectAndInitialize();
        await socket.Subscribe("1", "subscription { tail(id: \"x\") }");
        (await socket.Receive()).Type.ShouldBe("next");
        var watch = Stopwatch.StartNew();

        var stopping = server.Stop();

        (await socket.CloseCode()).ShouldBe(1001);
        await stopping;
        watch.Elapsed.ShouldBeLessThan(Quick);
        server.Streams.Open.ShouldBe(0);
    }

    [Fact]
    public async Task Client_that_does_not_complete_the_close_handshake_is_aborted()
    {
        await using var server = await TestServer.Start(options => options.CloseTimeout = TimeSpan.FromMilliseconds(200));
        await using var socket = await server.ConnectAndInitialize();
        await socket.Subscribe("1", "subscription { flood }");
        await Eventually.Stable(() => server.Streams.Produced, "the connection is full", TestContext.Current.CancellationToken);
        var watch = Stopwatch.StartNew();

        await server.Stop();

        watch.Elapsed.ShouldBeLessThan(Quick);
        server.Streams.Open.ShouldBe(0);
    }

    [Fact]
    public async Task Open_event_streams_end_on_shutdown()
    {
        await using var server = await TestServer.Start();
        using var response = await server.Post("subscription { tail(id: \"x\") }", "text/event-stream");
        await Eventually.True(() => server.Streams.Open == 1, "the source is open", TestContext.Current.CancellationToken);
        var watch = Stopwatch.StartNew();

        await server.Stop();

        watch.Elapsed.ShouldBeLessThan(Quick);
        server.Streams.Open.ShouldBe(0);
    }
}
