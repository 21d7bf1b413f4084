using DeployCard.GraphQL.Tests.Support;

namespace DeployCard.GraphQL.Tests.Engine;

public sealed class LimitTests
{
    // The introspection query of GraphiQL and client generators.
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
    public async Task Standard_introspection_query_succeeds()
    {
        await using var server = await TestServer.Start();

        var response = await server.Execute(UsualIntrospection);

        response.HasErrors.ShouldBeFalse(response.Root.ToString());
        response
            .Data.GetProperty("__schema")
            .GetProperty("types")
            .EnumerateArray()
            .ShouldContain(type => type.GetProperty("name").GetString() == "Book");
    }

    [Fact]
    public async Task Deeply_nested_introspection_is_rejected()
    {
        await using var server = await TestServer.Start();

        var response = await server.Execute(
            "{ __schema { types { fields { type { fields { type { fields { type { fields { name } } } } } } } } } }"
        );

        response.FirstCode.ShouldBe("QUERY_TOO_DEEP");
    }

    [Fact]
    public async Task Deeply_nested_introspection_of_a_cached_document_is_rejected()
    {
        await using var server = await TestServer.Start();
        const string Query =
            "query Good { me } query Circles { __type(name: \"Book\") { ...A } } "
            + "fragment A on __Type { fields { type { fields { type { fields { type { fields { name } } } } } } } }";

        (await AskAsync("Good")).HasErrors.ShouldBeFalse();
        (await AskAsync("Circles")).FirstCode.ShouldBe("QUERY_TOO_DEEP");

        async Task<JsonResponse> AskAsync(string operationName) =>
            await JsonResponse.Read(
                await server.Http.PostAsync(
                    "/graphql",
                    Json.Body(new { query = Query, operationName }),
                    TestContext.Current.CancellationToken
                )
            );
    }

    [Fact]
    public async Task Too_deep_operation_is_rejected()
    {
        await using var server = await TestServer.Start(options => options.MaxDepth = 3);

        (await server.Execute("{ book(id: \"b1\") { similar { title } } }")).HasErrors.ShouldBeFalse();
        (await server.Execute("{ book(id: \"b1\") { similar { similar { title } } } }")).FirstCode.ShouldBe("QUERY_TOO_DEEP");
    }

    [Fact]
    public async Task Too_complex_operation_is_rejected()
    {
        await using var server = await TestServer.Start(options => options.MaxComplexity = 1000);

        (await server.Execute("{ books(first: 100) { nodes { title } } }")).HasErrors.ShouldBeFalse();
        (await server.Execute("{ books(first: 100) { nodes { similar { title } } } }")).FirstCode.ShouldBe("QUERY_TOO_COMPLEX");
    }

    [Fact]
    public async Task Limits_of_a_cached_document_are_checked_with_new_variables()
    {
        await using var server = await TestServer.Start(options => options.MaxComplexity = 500);
        const string Query = "query($first: Int!) { books(first: $first) { nodes { title bytes } } }";

        (await server.Execute(Query, new { first = 10 })).HasErrors.ShouldBeFalse();
        (await server.Execute(Query, new { first = 10 })).HasErrors.ShouldBeFalse();
        (await server.Execute(Query, new { first = 400 })).FirstCode.ShouldBe("QUERY_TOO_COMPLEX");
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
    public async Task Cached_document_is_rejected_if_variables_make_it_too_complex(
        string query,
        string variable,
        object small,
        object large
    )
    {
        await using var server = await TestServer.Start(options => options.MaxComplexity = 500);

        (await server.Execute(query, new Dictionary<string, object> { [variable] = small })).HasErrors.ShouldBeFalse();
        (await server.Execute(query, new Dictionary<string, object> { [variable] = large })).FirstCode.ShouldBe("QUERY_TOO_COMPLEX");
    }

    [Theory]
    [InlineData(100, false)]
    [InlineData(101, true)]
    public async Task Document_with_too_many_tokens_is_rejected_before_parsing(int fields, bool isRejected)
    {
        await using var server = await TestServer.Start(options => options.MaxTokens = 102);

        var response = await server.Execute($"{{ {string.Concat(Enumerable.Repeat("me ", fields))}}}");

        response.HasErrors.ShouldBe(isRejected);
        if (isRejected)
            response.FirstCode.ShouldBe("TOO_MANY_TOKENS");
    }

    [Fact]
    public async Task Syntax_error_in_a_long_document_is_reported_by_the_parser()
    {
        await using var server = await TestServer.Start(options => options.MaxTokens = 100);

        (await server.Execute($"{{ me \"{new string('x', 200)}")).FirstCode.ShouldBe("GRAPHQL_PARSE_FAILED");
    }

    [Fact]
    public async Task Document_with_too_many_aliases_is_rejected_including_those_in_fragments()
    {
        await using var server = await TestServer.Start(options => options.MaxAliases = 3);

        (await server.Execute("{ a: me b: me ...F } fragment F on Query { c: me }")).HasErrors.ShouldBeFalse();
        (await server.Execute("{ a: me b: me ...F } fragment F on Query { c: me d: me }")).FirstCode.ShouldBe("TOO_MANY_ALIASES");
    }

    [Theory]
    [InlineData("{ __schema { queryType { name } } }")]
    [InlineData("{ ...F } fragment F on Query { __type(name: \"Book\") { name } }")]
    public async Task Introspection_can_be_disabled(string query)
    {
        await using var server = await TestServer.Start(options => options.Introspection = false);

        (await server.Execute(query)).FirstCode.ShouldBe("INTROSPECTION_DISABLED");
        (await server.Execute("{ __typename me }")).HasErrors.ShouldBeFalse();
    }

    [Fact]
    public async Task Invalid_settings_fail_startup_and_are_reported_together()
    {
        var failure = await Should.ThrowAsync<Microsoft.Extensions.Options.OptionsValidationException>(() =>
            TestServer.Start(options =>
            {
                options.MaxDepth = 0;
                options.KeepAliveInterval = TimeSpan.Zero;
            })
        );

        failure.Message.ShouldContain("GraphQL:MaxDepth must be at least 1; got 0.");
        failure.Message.ShouldContain("GraphQL:KeepAliveInterval must be 00:00:00.001 to 01:00:00; got 00:00:00.");
    }
}
