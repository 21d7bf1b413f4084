using DeployCard.GraphQL.Tests.Support;

namespace DeployCard.GraphQL.Tests.Clients;

/// <summary>The clients that frontends use, connected as <c>docs/graphql.md</c> shows it.</summary>
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
    public async Task They_get_what_they_expect(string script, string scenario)
    {
        await using var server = await TestServer.Start();

        await NodeClient.Run(script, scenario, server.Address);
    }
}
