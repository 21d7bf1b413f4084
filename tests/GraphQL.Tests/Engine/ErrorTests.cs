using DeployCard.GraphQL.Tests.Support;

namespace DeployCard.GraphQL.Tests.Engine;

public sealed class ErrorTests
{
    [Fact]
    public async Task A_bug_is_told_as_INTERNAL_and_logged_with_its_detail()
    {
        await using var server = await TestServer.Start();

        var answer = await server.Ask("{ broken }");

        answer.FirstCode.ShouldBe("INTERNAL");
        answer.Root.ToString().ShouldNotContain("secret");
        answer.Root.ToString().ShouldNotContain("INVALID_OPERATION");
        server.Logs.Lines.ShouldContain(line => line.Contains("Query.broken") && line.Contains("secret detail"));
    }

    [Fact]
    public async Task An_expected_failure_has_its_code_message_and_facts()
    {
        await using var server = await TestServer.Start();

        var error = (await server.Ask("{ refused }")).FirstError;

        error.GetProperty("message").GetString().ShouldBe("The deployment x is deleted.");
        error.GetProperty("extensions").GetProperty("code").GetString().ShouldBe("DEPLOYMENT_DELETED");
        error.GetProperty("extensions").GetProperty("name").GetString().ShouldBe("x");
        server.Logs.Lines.ShouldNotContain(line => line.StartsWith("Error", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Wrong_input_is_refused_with_every_field_at_fault()
    {
        await using var server = await TestServer.Start();

        var answer = await server.Ask("mutation { addBook(input: {title: \"x\", priority: 11, cover: {thickness: 9}}) { priority } }");

        answer.FirstCode.ShouldBe("VALIDATION_FAILED");
        Paths(answer).ShouldBe(["title", "priority", "cover.thickness"], ignoreOrder: true);
        server.Streams.Produced.ShouldBe(0);
    }

    [Fact]
    public async Task Wrong_input_is_refused_when_its_document_is_known_too()
    {
        await using var server = await TestServer.Start();
        const string Mutation = "mutation($t: String!) { addBook(input: {title: $t}) { priority } }";

        (await server.Ask(Mutation, new { t = "good" })).Data.GetProperty("addBook").GetProperty("priority").GetInt32().ShouldBe(5);
        (await server.Ask(Mutation, new { t = "x" })).FirstCode.ShouldBe("VALIDATION_FAILED");
    }

    [Fact]
    public async Task A_rule_at_a_parameter_is_checked()
    {
        await using var server = await TestServer.Start();

        var answer = await server.Ask("{ books(first: 501) { pageInfo { hasNextPage } } }");

        answer.FirstCode.ShouldBe("VALIDATION_FAILED");
        Paths(answer).ShouldBe(["first"]);
    }

    [Fact]
    public async Task A_refusal_of_a_mutation_stands_in_its_payload()
    {
        await using var server = await TestServer.Start();

        var answer = await server.Ask("mutation { addBook(input: {title: \"taken\"}) { book { id } errors { field code message } } }");

        answer.HasErrors.ShouldBeFalse();
        answer.Data.GetProperty("addBook").GetProperty("errors")[0].GetProperty("code").GetString().ShouldBe("TITLE_TAKEN");
    }

    [Theory]
    [InlineData("{ nope }", "GRAPHQL_VALIDATION_FAILED")]
    [InlineData("{ me", "GRAPHQL_PARSE_FAILED")]
    public async Task A_wrong_document_has_a_code_of_ours(string query, string code)
    {
        await using var server = await TestServer.Start();

        (await server.Ask(query)).FirstCode.ShouldBe(code);
    }

    private static IEnumerable<string?> Paths(JsonAnswer answer) =>
        answer
            .FirstError.GetProperty("extensions")
            .GetProperty("fields")
            .EnumerateArray()
            .Select(field => field.GetProperty("path").GetString());
}
