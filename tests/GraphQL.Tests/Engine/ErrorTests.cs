using DeployCard.GraphQL.Tests.Support;

namespace DeployCard.GraphQL.Tests.Engine;

public sealed class ErrorTests
{
    [Fact]
    public async Task Unexpected_exception_returns_INTERNAL_and_logs_the_details()
    {
        await using var server = await TestServer.Start();

        var response = await server.Execute("{ broken }");

        response.FirstCode.ShouldBe("INTERNAL");
        response.Root.ToString().ShouldNotContain("secret");
        response.Root.ToString().ShouldNotContain("INVALID_OPERATION");
        server.Logs.Lines.ShouldContain(line => line.Contains("Query.broken") && line.Contains("secret detail"));
    }

    [Fact]
    public async Task Api_exception_returns_code_message_and_extensions()
    {
        await using var server = await TestServer.Start();

        var error = (await server.Execute("{ refused }")).FirstError;

        error.GetProperty("message").GetString().ShouldBe("The deployment x is deleted.");
        error.GetProperty("extensions").GetProperty("code").GetString().ShouldBe("DEPLOYMENT_DELETED");
        error.GetProperty("extensions").GetProperty("name").GetString().ShouldBe("x");
        server.Logs.Lines.ShouldNotContain(line => line.StartsWith("Error", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Invalid_input_is_rejected_with_every_invalid_field()
    {
        await using var server = await TestServer.Start();

        var response = await server.Execute(
            "mutation { addBook(input: {title: \"x\", priority: 11, cover: {thickness: 9}}) { priority } }"
        );

        response.FirstCode.ShouldBe("VALIDATION_FAILED");
        Paths(response).ShouldBe(["title", "priority", "cover.thickness"], ignoreOrder: true);
        server.Streams.Produced.ShouldBe(0);
    }

    [Fact]
    public async Task Invalid_input_of_a_cached_document_is_rejected()
    {
        await using var server = await TestServer.Start();
        const string Mutation = "mutation($t: String!) { addBook(input: {title: $t}) { priority } }";

        (await server.Execute(Mutation, new { t = "good" })).Data.GetProperty("addBook").GetProperty("priority").GetInt32().ShouldBe(5);
        (await server.Execute(Mutation, new { t = "x" })).FirstCode.ShouldBe("VALIDATION_FAILED");
    }

    [Fact]
    public async Task Validation_attribute_of_a_parameter_is_checked()
    {
        await using var server = await TestServer.Start();

        var response = await server.Execute("{ books(first: 501) { pageInfo { hasNextPage } } }");

        response.FirstCode.ShouldBe("VALIDATION_FAILED");
        Paths(response).ShouldBe(["first"]);
    }

    [Fact]
    public async Task Expected_error_of_a_mutation_is_in_the_payload()
    {
        await using var server = await TestServer.Start();

        var response = await server.Execute(
            "mutation { addBook(input: {title: \"taken\"}) { book { id } errors { field code message } } }"
        );

        response.HasErrors.ShouldBeFalse();
        response.Data.GetProperty("addBook").GetProperty("errors")[0].GetProperty("code").GetString().ShouldBe("TITLE_TAKEN");
    }

    [Theory]
    [InlineData("{ nope }", "GRAPHQL_VALIDATION_FAILED")]
    [InlineData("{ me", "GRAPHQL_PARSE_FAILED")]
    public async Task Invalid_document_returns_a_code_of_the_engine(string query, string code)
    {
        await using var server = await TestServer.Start();

        (await server.Execute(query)).FirstCode.ShouldBe(code);
    }

    private static IEnumerable<string?> Paths(JsonResponse response) =>
        response
            .FirstError.GetProperty("extensions")
            .GetProperty("fields")
            .EnumerateArray()
            .Select(field => field.GetProperty("path").GetString());
}
