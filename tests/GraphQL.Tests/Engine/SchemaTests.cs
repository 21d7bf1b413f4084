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
    public async Task Several_classes_contribute_to_one_root_type()
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
    public async Task Injected_parameters_are_not_arguments() =>
        Type(await Print(), "type Subscription {").ShouldContain("tail(id: ID!): String!");

    [Fact]
    public async Task Annotations_rename_and_hide_fields_and_arguments()
    {
        var query = Type(await Print(), "type Query {");

        query.ShouldContain("renamed(word: String!): String!");
        query.ShouldNotContain("hidden");
    }

    [Fact]
    public async Task Plain_type_becomes_an_object_type_with_descriptions_interfaces_and_deprecations()
    {
        var book = Type(await Print(), "type Book implements Node {");

        book.ShouldContain("\"Opaque id of the book.\"\n  id: ID!");
        book.ShouldContain("\"Author of the book.\"\n  author: Author");
        book.ShouldContain("name: String! @deprecated(reason: \"Use title.\")");
        book.ShouldNotContain("authorId");
        book.ShouldNotContain("numbered");
    }

    [Fact]
    public async Task Record_parameter_default_becomes_the_input_default() =>
        Type(await Print(), "input AddBookInput {").ShouldContain("priority: Int! = 5");

    [Fact]
    public async Task Connection_edges_have_non_null_nodes()
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
    public async Task Schema_contains_the_custom_scalar(string name) => (await Print()).ShouldContain($"scalar {name}\n");
}
