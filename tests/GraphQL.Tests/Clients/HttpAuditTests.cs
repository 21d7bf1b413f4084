using DeployCard.GraphQL.Tests.Support;

namespace DeployCard.GraphQL.Tests.Clients;

public sealed class HttpAuditTests
{
    [Fact]
    public async Task GraphQL_over_HTTP_audit_passes_including_its_recommendations()
    {
        await using var server = await TestServer.Start();

        await NodeClient.Run("audit.mjs", "http", server.Address);
    }
}
