using DeployCard.GraphQL.Tests.Support;

namespace DeployCard.GraphQL.Tests.Clients;

/// <summary>Tests the GraphQL clients of frontends, connected as <c>docs/graphql.md</c> shows.</summary>
public sealed class FrontendClientTests
{
    [Theory]
    [InlineData("apollo.mjs", "persisted")]
    [InlineData("apollo.mjs", "mutation")]
    [InlineData("apollo.mjs", "error")]
    [InlineData("apollo.mjs", "subscription")]
    [InlineData("urql.mjs", "persisted")]
    [InlineData("urql.mjs", "mutation")]
    [InlineData("urql.mjs", "error")]
    [InlineData("urql.mjs", "subscription")]
    [InlineData("relay.mjs", "query")]
    [InlineData("relay.mjs", "node")]
    [InlineData("relay.mjs", "subscription")]
    public async Task Client_scenario_succeeds(string script, string scenario)
    {
        await using var server = await TestServer.Start();

        await NodeClient.Run(script, scenario, server.Address);
    }
}
