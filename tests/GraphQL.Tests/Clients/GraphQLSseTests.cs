using DeployCard.GraphQL.Tests.Support;

namespace DeployCard.GraphQL.Tests.Clients;

/// <summary>The client graphql-sse, in the mode of distinct connections.</summary>
public sealed class GraphQLSseTests
{
    private const string Script = "graphql-sse.mjs";

    [Theory]
    [InlineData("query")]
    [InlineData("mutation")]
    [InlineData("subscription")]
    [InlineData("severalAtOnce")]
    [InlineData("refusedOperation")]
    [InlineData("wrongToken")]
    public async Task It_gets_what_it_expects(string scenario)
    {
        await using var server = await TestServer.Start();

        await NodeClient.Run(Script, scenario, server.Address);
    }

    [Fact]
    public async Task What_it_leaves_ends_on_the_server()
    {
        await using var server = await TestServer.Start();
        await using var client = await NodeClient.Start(Script, "leaving", server.Address);

        await client.Told("left");
        await Eventually.True(() => server.Streams.Open == 0, "the subscription has ended");

        await client.GoOn();
        await client.End();
    }
}
