using DeployCard.GraphQL.Tests.Support;

namespace DeployCard.GraphQL.Tests.Engine;

public sealed class SchemaTests
{
    private static async Task<string> Print()
    {
        await using var server = await TestServer.Start();
        return server.Printer.Print();
    }

    private static string Type(string schema, string head)
    {
        var start = schema.IndexOf(head, StringComparison.Ordinal);
        start.ShouldBeGreaterThanOrEqualTo(0, head);
        return schema[start..schema.IndexOf("\n}", start, StringComparison.Ordinal)];
    }

    [Fact]
    public async Task Fields_of_several_classes_share_one_root()
    {
        var schema = await Print();

        Type(schema, "type Query {")
            .ShouldSatisfyAllConditions(
                root => root.ShouldContain("books(first: Int! = 10): BookConnection!"),
                root => root.ShouldContain("me: String"),
                root => root.ShouldContain("authorName(id: ID!): String")
            );
        Type(schema, "type Mutation {")
            .ShouldSatisfyAllConditions(
                root => root.ShouldContain("addBook(input: AddBookInput!): AddBookPayload!"),
                root => root.ShouldContain("count: Long!")
            );
    }

    [Fact]
    public async Task Services_callers_and_tokens_are_no_arguments() =>
        Type(await Print(), "type Subscription {").ShouldContain("tail(id: ID!): String!");

    [Fact]
    public async Task Annotations_name_and_hide_fields_and_arguments()
    {
        var query = Type(await Print(), "type Query {");

        query.ShouldContain("renamed(word: String!): String!");
        query.ShouldNotContain("hidden");
    }

    [Fact]
    public async Task Plain_types_become_object_types_with_their_docs_interfaces_and_deprecations()
    {
        var book = Type(await Print(), "type Book implements Node {");

        book.ShouldContain("\"Opaque id.\"\n  id: ID!");
        book.ShouldContain("\"Who wrote it.\"\n  author: Author");
        book.ShouldContain("name: String! @deprecated(reason: \"Use title.\")");
        book.ShouldNotContain("authorId");
        book.ShouldNotContain("numbered");
    }

    [Fact]
    public async Task Defaults_of_record_parameters_are_defaults_of_inputs() =>
        Type(await Print(), "input AddBookInput {").ShouldContain("priority: Int! = 5");

    [Fact]
    public async Task A_connection_has_edges_whose_nodes_are_never_null()
    {
        var schema = await Print();

        Type(schema, "type BookConnection {").ShouldContain("edges: [BookEdge!]!");
        Type(schema, "type BookEdge {").ShouldContain("node: Book!");
    }

    [Theory]
    [InlineData("DateTime")]
    [InlineData("Duration")]
    [InlineData("URI")]
    [InlineData("Any")]
    [InlineData("Long")]
    public async Task Scalars_have_their_names(string name) => (await Print()).ShouldContain($"scalar {name}\n");
}
