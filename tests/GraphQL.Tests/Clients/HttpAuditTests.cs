using DeployCard.GraphQL.Tests.Support;

namespace DeployCard.GraphQL.Tests.Clients;

public sealed class HttpAuditTests
{
    [Fact]
    public async Task Every_check_of_the_audit_of_GraphQL_over_HTTP_passes_also_those_that_are_advice()
    {
        await using var server = await TestServer.Start();

        await NodeClient.Run("audit.mjs", "http", server.Address);
    }
}
