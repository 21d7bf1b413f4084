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
    public async Task A_value_comes_back_as_it_went_in(string field, string type, string value)
    {
        await using var server = await TestServer.Start();
        using var variables = System.Text.Json.JsonDocument.Parse($"{{\"v\":{value}}}");

        var answer = await server.Ask($"query($v: {type}!) {{ {field}(value: $v) }}", variables.RootElement);

        answer.Root.ToString().ShouldContain($"\"{field}\":{value}");
    }

    [Fact]
    public async Task A_literal_of_any_JSON_is_read()
    {
        await using var server = await TestServer.Start();

        var answer = await server.Ask("{ any(value: {a: [1, {b: ENUM}]}) }");

        answer.Root.ToString().ShouldContain("{\"a\":[1,{\"b\":\"ENUM\"}]}");
    }

    [Theory]
    [InlineData("{ time(value: \"2026-01-31T12:00:00\") }")]
    [InlineData("{ duration(value: \"90\") }")]
    [InlineData("{ address(value: \"/relative\") }")]
    public async Task What_is_no_such_value_is_refused(string query)
    {
        await using var server = await TestServer.Start();

        (await server.Ask(query)).FirstCode.ShouldBe("GRAPHQL_VALIDATION_FAILED");
    }
}
