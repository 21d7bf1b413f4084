using DeployCard.GraphQL.Tests.Support;
using DeployCard.Tests.Support;

namespace DeployCard.GraphQL.Tests.Clients;

/// <summary>Tests the client library graphql-ws.</summary>
public sealed class GraphQLWsTests
{
    private const string Script = "graphql-ws.mjs";

    [Theory]
    [InlineData("query")]
    [InlineData("mutation")]
    [InlineData("subscription")]
    [InlineData("concurrent")]
    [InlineData("rejectedOperation")]
    [InlineData("persisted")]
    [InlineData("pingPong")]
    [InlineData("4400")]
    [InlineData("4401")]
    [InlineData("4403")]
    [InlineData("4406")]
    [InlineData("4409")]
    [InlineData("4429")]
    public async Task Client_scenario_succeeds(string scenario)
    {
        await using var server = await TestServer.Start();

        await NodeClient.Run(Script, scenario, server.Address);
    }

    [Fact]
    public async Task Socket_without_connection_init_is_closed_with_4408()
    {
        await using var server = await TestServer.Start(options => options.ConnectionInitTimeout = TimeSpan.FromMilliseconds(200));

        await NodeClient.Run(Script, "4408", server.Address);
    }

    [Fact]
    public async Task Unsubscribing_ends_the_subscription_but_keeps_the_socket()
    {
        await using var server = await TestServer.Start();
        await using var client = await NodeClient.Start(Script, "unsubscribe", server.Address);

        await client.WaitForReport("left");
        await Eventually.True(() => server.Streams.Open == 0, "the subscription has ended", TestContext.Current.CancellationToken);

        await client.Continue();
        await client.WaitForExit();
    }

    [Fact]
    public async Task Client_resubscribes_after_a_server_restart()
    {
        var server = await TestServer.Start();
        await using var client = await NodeClient.Start(Script, "reconnect", server.Address);
        await client.WaitForReport("seen 1");

        await server.Stop();
        await server.DisposeAsync();
        await using var again = await TestServer.Start(port: server.Address.Port);
        await client.WaitForReport("seen 2");
        again.Streams.Open.ShouldBe(1);

        await client.Continue();
        await client.WaitForExit();
    }
}
