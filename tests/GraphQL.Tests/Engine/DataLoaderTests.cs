using DeployCard.GraphQL.Tests.Support;

namespace DeployCard.GraphQL.Tests.Engine;

public sealed class DataLoaderTests
{
    [Fact]
    public async Task Authors_of_a_page_are_loaded_in_one_batch_without_duplicates()
    {
        await using var server = await TestServer.Start();

        var response = await server.Execute("{ books(first: 20) { nodes { author { name } } } }");

        response
            .Data.GetProperty("books")
            .GetProperty("nodes")[4]
            .GetProperty("author")
            .GetProperty("name")
            .GetString()
            .ShouldBe("Author a1");
        server.Batches.Loaded.ShouldHaveSingleItem().ShouldBe(["a0", "a1", "a2"], ignoreOrder: true);
    }

    [Fact]
    public async Task Data_loaders_work_in_mutations()
    {
        await using var server = await TestServer.Start();

        var response = await server.Execute("mutation { a: addBook(input: {title: \"one\"}) { book { author { name } } } b: count }");

        response.Data.GetProperty("a").GetProperty("book").GetProperty("author").GetProperty("name").GetString().ShouldBe("Author a1");
        response.Data.GetProperty("b").GetInt64().ShouldBe(2); // root fields of mutations run one after the other
    }

    [Fact]
    public async Task Each_subscription_event_loads_its_own_batch()
    {
        await using var server = await TestServer.Start();
        await using var socket = await server.ConnectAndInitialize();

        await socket.Subscribe("1", "subscription { booksAdded(count: 4) { author { name } } }");

        for (var number = 0; number < 4; number++)
            (await socket.Receive()).Payload.ToString().ShouldContain($"Author a{number % 3}");
        server.Batches.Loaded.Count.ShouldBe(4);
    }

    [Fact]
    public async Task Key_without_a_value_resolves_to_null()
    {
        await using var server = await TestServer.Start();

        var response = await server.Execute("{ authorName(id: \"nobody\") other: authorName(id: \"a1\") }");

        response.Data.GetProperty("authorName").ValueKind.ShouldBe(System.Text.Json.JsonValueKind.Null);
        response.Data.GetProperty("other").GetString().ShouldBe("Author a1");
        server.Batches.Loaded.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Abstract_class_becomes_an_interface()
    {
        await using var server = await TestServer.Start();

        var response = await server.Execute("{ media { name ...on Paper { pages } ...on Screen { lit } } }");

        response
            .Data.GetProperty("media")
            .ToString()
            .ShouldBe("[{\"name\":\"a book\",\"pages\":300},{\"name\":\"a reader\",\"lit\":true}]");
    }

    [Fact]
    public async Task Interface_field_returns_the_concrete_type()
    {
        await using var server = await TestServer.Start();

        var response = await server.Execute(
            "{ a: node(id: \"a1\") { __typename ...on Author { name } } b: node(id: \"b1\") { __typename id } }"
        );

        response.Data.GetProperty("a").GetProperty("__typename").GetString().ShouldBe("Author");
        response.Data.GetProperty("b").GetProperty("__typename").GetString().ShouldBe("Book");
    }
}
