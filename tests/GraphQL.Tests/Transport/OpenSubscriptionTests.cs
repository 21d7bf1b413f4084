using DeployCard.GraphQL.Tests.Support;

namespace DeployCard.GraphQL.Tests.Transport;

public sealed class OpenSubscriptionTests
{
    private const string Tail = "subscription { tail(id: \"x\") }";
    private const string Events = "text/event-stream";

    [Fact]
    public async Task A_token_has_so_many_subscriptions_on_all_its_connections_together()
    {
        await using var server = await TestServer.StartAsync(options => options.MaxSubscriptionsPerToken = 2);
        await using var first = await server.GreetedAsync();
        await first.SubscribeAsync("1", Tail);
        (await first.ReceiveAsync()).Type.ShouldBe("next");
        using var events = await server.PostAsync(Tail, Events);
        await Eventually.TrueAsync(() => server.Streams.Open == 2, "both are open");
        await using var second = await server.GreetedAsync();

        await second.SubscribeAsync("a", Tail);
        (await second.ReceiveAsync()).Payload[0].GetProperty("extensions").GetProperty("code").GetString().ShouldBe("TOO_MANY_SUBSCRIPTIONS");
        using var more = await server.PostAsync(Tail, Events);
        (await more.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).ShouldContain("TOO_MANY_SUBSCRIPTIONS");
        // Anything else goes on.
        await second.SubscribeAsync("b", "{ me }");
        (await second.ReceiveAsync()).Type.ShouldBe("next");
        (await second.ReceiveAsync()).Type.ShouldBe("complete");

        server.OpenSubscriptions.ShouldBe(2);
        await first.CompleteAsync("1");
        await Eventually.TrueAsync(() => server.OpenSubscriptions == 1, "one has ended");
        await second.SubscribeAsync("c", Tail);
        (await second.ReceiveAsync()).Type.ShouldBe("next");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_client_that_goes_away_leaves_none(bool orderly)
    {
        await using var server = await TestServer.StartAsync();
        await using var socket = await server.GreetedAsync();
        foreach (var id in (string[])["a", "b", "c"]) await socket.SubscribeAsync(id, Tail);
        using (await server.PostAsync(Tail, Events))
        {
            await Eventually.TrueAsync(() => server.OpenSubscriptions == 4, "all are open");
            if (orderly) await socket.CloseAsync();
            else socket.Abort();
        }

        await Eventually.TrueAsync(() => server.OpenSubscriptions == 0 && server.Streams.Open == 0, "all have ended");
    }
}
