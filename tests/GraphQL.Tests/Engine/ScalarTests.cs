using DeployCard.GraphQL.Tests.Support;

namespace DeployCard.GraphQL.Tests.Engine;

public sealed class ScalarTests
{
    [Theory]
    [InlineData("time", "DateTime", "\"2026-01-31T12:00:00+02:00\"")]
    [InlineData("duration", "Duration", "\"PT1M30S\"")]
    [InlineData("address", "URI", "\"https://example.test/a?b=c\"")]
    [InlineData("long", "Long", "9007199254740993")]
    [InlineData("any", "Any", "{\"a\":[1,2.5,\"x\",true,null]}")]
    public async Task Scalar_value_round_trips(string field, string type, string value)
    {
        await using var server = await TestServer.Start();
        using var variables = System.Text.Json.JsonDocument.Parse($"{{\"v\":{value}}}");

        var response = await server.Execute($"query($v: {type}!) {{ {field}(value: $v) }}", variables.RootElement);

        response.Root.ToString().ShouldContain($"\"{field}\":{value}");
    }

    [Fact]
    public async Task Any_accepts_every_JSON_literal()
    {
        await using var server = await TestServer.Start();

        var response = await server.Execute("{ any(value: {a: [1, {b: ENUM}]}) }");

        response.Root.ToString().ShouldContain("{\"a\":[1,{\"b\":\"ENUM\"}]}");
    }

    [Theory]
    [InlineData("{ time(value: \"2026-01-31T12:00:00\") }")]
    [InlineData("{ duration(value: \"90\") }")]
    [InlineData("{ address(value: \"/relative\") }")]
    public async Task Invalid_scalar_literal_is_rejected(string query)
    {
        await using var server = await TestServer.Start();

        (await server.Execute(query)).FirstCode.ShouldBe("GRAPHQL_VALIDATION_FAILED");
    }
}
