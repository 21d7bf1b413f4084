using DeployCard.GraphQL.Tests.Support;
using DeployCard.Tests.Support;

namespace DeployCard.GraphQL.Tests.Transport;

public sealed class SubscriptionLimiterTests
{
    private const string Tail = "subscription { tail(id: \"x\") }";
    private const string Events = "text/event-stream";

    [Fact]
    public async Task Subscription_limit_applies_to_all_connections_of_a_token()
    {
        await using var server = await TestServer.Start(options => options.MaxSubscriptionsPerToken = 2);
        await using var first = await server.ConnectAndInitialize();
        await first.Subscribe("1", Tail);
        (await first.Receive()).Type.ShouldBe("next");
        using var events = await server.Post(Tail, Events);
        await Eventually.True(() => server.Streams.Open == 2, "both are open", TestContext.Current.CancellationToken);
        await using var second = await server.ConnectAndInitialize();

        await second.Subscribe("a", Tail);
        (await second.Receive()).Payload[0].GetProperty("extensions").GetProperty("code").GetString().ShouldBe("TOO_MANY_SUBSCRIPTIONS");
        using var more = await server.Post(Tail, Events);
        (await more.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).ShouldContain("TOO_MANY_SUBSCRIPTIONS");
        // Other operations still run.
        await second.Subscribe("b", "{ me }");
        (await second.Receive()).Type.ShouldBe("next");
        (await second.Receive()).Type.ShouldBe("complete");

        server.OpenSubscriptions.ShouldBe(2);
        await first.Complete("1");
        await Eventually.True(() => server.OpenSubscriptions == 1, "one has ended", TestContext.Current.CancellationToken);
        await second.Subscribe("c", Tail);
        (await second.Receive()).Type.ShouldBe("next");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Disconnected_client_leaves_no_subscription(bool orderly)
    {
        await using var server = await TestServer.Start();
        await using var socket = await server.ConnectAndInitialize();
        foreach (var id in (string[])["a", "b", "c"])
            await socket.Subscribe(id, Tail);
        using (await server.Post(Tail, Events))
        {
            await Eventually.True(() => server.OpenSubscriptions == 4, "all are open", TestContext.Current.CancellationToken);
            if (orderly)
                await socket.Close();
            else
                socket.Abort();
        }

        await Eventually.True(
            () => server.OpenSubscriptions == 0 && server.Streams.Open == 0,
            "all have ended",
            TestContext.Current.CancellationToken
        );
    }
}
