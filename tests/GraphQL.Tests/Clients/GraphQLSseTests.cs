using DeployCard.GraphQL.Tests.Support;
using DeployCard.Tests.Support;

namespace DeployCard.GraphQL.Tests.Clients;

/// <summary>Tests the client graphql-sse in its distinct connections mode.</summary>
public sealed class GraphQLSseTests
{
    private const string Script = "graphql-sse.mjs";

    [Theory]
    [InlineData("query")]
    [InlineData("mutation")]
    [InlineData("subscription")]
    [InlineData("concurrent")]
    [InlineData("rejectedOperation")]
    [InlineData("wrongToken")]
    public async Task Client_scenario_succeeds(string scenario)
    {
        await using var server = await TestServer.Start();

        await NodeClient.Run(Script, scenario, server.Address);
    }

    [Fact]
    public async Task Unsubscribing_ends_the_subscription_on_the_server()
    {
        await using var server = await TestServer.Start();
        await using var client = await NodeClient.Start(Script, "unsubscribe", server.Address);

        await client.WaitForReport("left");
        await Eventually.True(() => server.Streams.Open == 0, "the subscription has ended", TestContext.Current.CancellationToken);

        await client.Continue();
        await client.WaitForExit();
    }
}
