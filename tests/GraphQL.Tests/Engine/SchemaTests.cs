using DeployCard.GraphQL.Tests.Support;

namespace DeployCard.GraphQL.Tests.Engine;

public sealed class SchemaTests
{
    [Fact]
    public async Task Fields_of_several_classes_share_one_root()
    {
        await using var server = await TestServer.StartAsync();
        var schema = server.Printer.Print();
        File.WriteAllText("/tmp/schema.graphql", schema);
        schema.ShouldContain("schema {");
    }
}
