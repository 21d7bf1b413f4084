using DeployCard.GraphQL.Tests.Support;

namespace DeployCard.GraphQL.Tests.Clients;

/// <summary>The client graphql-ws.</summary>
public sealed class GraphQLWsTests
{
    private const string Script = "graphql-ws.mjs";

    [Theory]
    [InlineData("query")]
    [InlineData("mutation")]
    [InlineData("subscription")]
    [InlineData("severalAtOnce")]
    [InlineData("refusedOperation")]
    [InlineData("persisted")]
    [InlineData("pingPong")]
    [InlineData("4400")]
    [InlineData("4401")]
    [InlineData("4403")]
    [InlineData("4406")]
    [InlineData("4409")]
    [InlineData("4429")]
    public async Task It_gets_what_it_expects(string scenario)
    {
        await using var server = await TestServer.Start();

        await NodeClient.Run(Script, scenario, server.Address);
    }

    [Fact]
    public async Task It_is_closed_with_4408_when_it_does_not_say_who_it_is()
    {
        await using var server = await TestServer.Start(options => options.ConnectionInitTimeout = TimeSpan.FromMilliseconds(200));

        await NodeClient.Run(Script, "4408", server.Address);
    }

    [Fact]
    public async Task What_it_leaves_ends_on_the_server_while_its_socket_stays()
    {
        await using var server = await TestServer.Start();
        await using var client = await NodeClient.Start(Script, "leaving", server.Address);

        await client.Told("left");
        await Eventually.True(() => server.Streams.Open == 0, "the subscription has ended");

        await client.GoOn();
        await client.End();
    }

    [Fact]
    public async Task It_subscribes_again_when_the_server_comes_again()
    {
        var server = await TestServer.Start();
        await using var client = await NodeClient.Start(Script, "reconnect", server.Address);
        await client.Told("seen 1");

        await server.Stop();
        await server.DisposeAsync();
        await using var again = await TestServer.Start(port: server.Address.Port);
        await client.Told("seen 2");
        again.Streams.Open.ShouldBe(1);

        await client.GoOn();
        await client.End();
    }
}
