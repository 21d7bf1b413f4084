using DeployCard.GraphQL.Tests.Support;

namespace DeployCard.GraphQL.Tests.Engine;

public sealed class LimitTests
{
    // What GraphiQL and the generators of clients ask.
    private const string UsualIntrospection = """
        query IntrospectionQuery {
          __schema {
            queryType { name } mutationType { name } subscriptionType { name }
            types { ...FullType }
            directives { name description locations args { ...InputValue } }
          }
        }
        fragment FullType on __Type {
          kind name description
          fields(includeDeprecated: true) { name description args { ...InputValue } type { ...TypeRef } isDeprecated deprecationReason }
          inputFields { ...InputValue }
          interfaces { ...TypeRef }
          enumValues(includeDeprecated: true) { name description isDeprecated deprecationReason }
          possibleTypes { ...TypeRef }
        }
        fragment InputValue on __InputValue { name description type { ...TypeRef } defaultValue }
        fragment TypeRef on __Type {
          kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name
          ofType { kind name ofType { kind name ofType { kind name } } } } } } } } }
        }
        """;

    [Fact]
    public async Task The_usual_introspection_is_answered()
    {
        await using var server = await TestServer.Start();

        var answer = await server.Ask(UsualIntrospection);

        answer.HasErrors.ShouldBeFalse(answer.Root.ToString());
        answer
            .Data.GetProperty("__schema")
            .GetProperty("types")
            .EnumerateArray()
            .ShouldContain(type => type.GetProperty("name").GetString() == "Book");
    }

    [Fact]
    public async Task Introspection_in_circles_is_refused()
    {
        await using var server = await TestServer.Start();

        var answer = await server.Ask(
            "{ __schema { types { fields { type { fields { type { fields { type { fields { name } } } } } } } } } }"
        );

        answer.FirstCode.ShouldBe("QUERY_TOO_DEEP");
    }

    [Fact]
    public async Task Introspection_in_circles_is_refused_in_a_known_document_too()
    {
        await using var server = await TestServer.Start();
        const string Query =
            "query Good { me } query Circles { __type(name: \"Book\") { ...A } } "
            + "fragment A on __Type { fields { type { fields { type { fields { type { fields { name } } } } } } } }";

        (await AskAsync("Good")).HasErrors.ShouldBeFalse();
        (await AskAsync("Circles")).FirstCode.ShouldBe("QUERY_TOO_DEEP");

        async Task<JsonAnswer> AskAsync(string operationName) =>
            await JsonAnswer.Read(
                await server.Http.PostAsync(
                    "/graphql",
                    Json.Body(new { query = Query, operationName }),
                    TestContext.Current.CancellationToken
                )
            );
    }

    [Fact]
    public async Task An_operation_that_is_too_deep_is_refused()
    {
        await using var server = await TestServer.Start(options => options.MaxDepth = 3);

        (await server.Ask("{ book(id: \"b1\") { similar { title } } }")).HasErrors.ShouldBeFalse();
        (await server.Ask("{ book(id: \"b1\") { similar { similar { title } } } }")).FirstCode.ShouldBe("QUERY_TOO_DEEP");
    }

    [Fact]
    public async Task An_operation_that_touches_too_much_is_refused()
    {
        await using var server = await TestServer.Start(options => options.MaxComplexity = 1000);

        (await server.Ask("{ books(first: 100) { nodes { title } } }")).HasErrors.ShouldBeFalse();
        (await server.Ask("{ books(first: 100) { nodes { similar { title } } } }")).FirstCode.ShouldBe("QUERY_TOO_COMPLEX");
    }

    [Fact]
    public async Task A_known_document_is_measured_again_with_its_variables()
    {
        await using var server = await TestServer.Start(options => options.MaxComplexity = 500);
        const string Query = "query($first: Int!) { books(first: $first) { nodes { title bytes } } }";

        (await server.Ask(Query, new { first = 10 })).HasErrors.ShouldBeFalse();
        (await server.Ask(Query, new { first = 10 })).HasErrors.ShouldBeFalse();
        (await server.Ask(Query, new { first = 400 })).FirstCode.ShouldBe("QUERY_TOO_COMPLEX");
    }

    [Theory]
    [InlineData("query($x: Boolean!) { me books(first: 400) @include(if: $x) { nodes { title bytes } } }", "x", false, true)]
    [InlineData("query($x: Int!) { me books(first: $x) { nodes { title bytes } } }", "x", 10, 400)]
    [InlineData(
        "query($x: Boolean!) { me ...F @skip(if: $x) } fragment F on Query { books(first: 400) { nodes { title bytes } } }",
        "x",
        true,
        false
    )]
    public async Task A_known_document_that_grows_with_its_variables_is_measured_again(
        string query,
        string variable,
        object small,
        object large
    )
    {
        await using var server = await TestServer.Start(options => options.MaxComplexity = 500);

        (await server.Ask(query, new Dictionary<string, object> { [variable] = small })).HasErrors.ShouldBeFalse();
        (await server.Ask(query, new Dictionary<string, object> { [variable] = large })).FirstCode.ShouldBe("QUERY_TOO_COMPLEX");
    }

    [Theory]
    [InlineData(100, false)]
    [InlineData(101, true)]
    public async Task A_document_with_too_many_tokens_is_refused_before_it_is_parsed(int fields, bool isRefused)
    {
        await using var server = await TestServer.Start(options => options.MaxTokens = 102);

        var answer = await server.Ask($"{{ {string.Concat(Enumerable.Repeat("me ", fields))}}}");

        answer.HasErrors.ShouldBe(isRefused);
        if (isRefused)
            answer.FirstCode.ShouldBe("TOO_MANY_TOKENS");
    }

    [Fact]
    public async Task What_cannot_be_read_is_told_with_its_place_however_long_it_is()
    {
        await using var server = await TestServer.Start(options => options.MaxTokens = 100);

        (await server.Ask($"{{ me \"{new string('x', 200)}")).FirstCode.ShouldBe("GRAPHQL_PARSE_FAILED");
    }

    [Fact]
    public async Task A_document_with_too_many_aliases_is_refused_those_in_fragments_counted_too()
    {
        await using var server = await TestServer.Start(options => options.MaxAliases = 3);

        (await server.Ask("{ a: me b: me ...F } fragment F on Query { c: me }")).HasErrors.ShouldBeFalse();
        (await server.Ask("{ a: me b: me ...F } fragment F on Query { c: me d: me }")).FirstCode.ShouldBe("TOO_MANY_ALIASES");
    }

    [Theory]
    [InlineData("{ __schema { queryType { name } } }")]
    [InlineData("{ ...F } fragment F on Query { __type(name: \"Book\") { name } }")]
    public async Task Introspection_can_be_switched_off(string query)
    {
        await using var server = await TestServer.Start(options => options.Introspection = false);

        (await server.Ask(query)).FirstCode.ShouldBe("INTROSPECTION_DISABLED");
        (await server.Ask("{ __typename me }")).HasErrors.ShouldBeFalse();
    }

    [Fact]
    public async Task Wrong_settings_stop_the_start_and_are_told_all_at_once()
    {
        var failure = await Should.ThrowAsync<Microsoft.Extensions.Options.OptionsValidationException>(() =>
            TestServer.Start(options =>
            {
                options.MaxDepth = 0;
                options.KeepAliveInterval = TimeSpan.Zero;
            })
        );

        failure.Message.ShouldContain("GraphQL:MaxDepth (GraphQL__MaxDepth) is 0");
        failure.Message.ShouldContain("GraphQL:KeepAliveInterval");
    }
}
