using DeployCard.GraphQL.Tests.Support;

namespace DeployCard.GraphQL.Tests.Engine;

public sealed class DataLoaderTests
{
    [Fact]
    public async Task Authors_of_a_page_of_books_are_loaded_at_once_and_each_once()
    {
        await using var server = await TestServer.Start();

        var answer = await server.Ask("{ books(first: 20) { nodes { author { name } } } }");

        answer
            .Data.GetProperty("books")
            .GetProperty("nodes")[4]
            .GetProperty("author")
            .GetProperty("name")
            .GetString()
            .ShouldBe("Author a1");
        server.Batches.Loaded.ShouldHaveSingleItem().ShouldBe(["a0", "a1", "a2"], ignoreOrder: true);
    }

    [Fact]
    public async Task Loaders_work_in_mutations()
    {
        await using var server = await TestServer.Start();

        var answer = await server.Ask("mutation { a: addBook(input: {title: \"one\"}) { book { author { name } } } b: count }");

        answer.Data.GetProperty("a").GetProperty("book").GetProperty("author").GetProperty("name").GetString().ShouldBe("Author a1");
        answer.Data.GetProperty("b").GetInt64().ShouldBe(2); // the roots run one after the other
    }

    [Fact]
    public async Task Each_event_of_a_subscription_loads_for_itself()
    {
        await using var server = await TestServer.Start();
        await using var socket = await server.Greeted();

        await socket.Subscribe("1", "subscription { booksAdded(count: 4) { author { name } } }");

        for (var number = 0; number < 4; number++)
            (await socket.Receive()).Payload.ToString().ShouldContain($"Author a{number % 3}");
        server.Batches.Loaded.Count.ShouldBe(4);
    }

    [Fact]
    public async Task A_key_without_a_value_is_null()
    {
        await using var server = await TestServer.Start();

        var answer = await server.Ask("{ authorName(id: \"nobody\") other: authorName(id: \"a1\") }");

        answer.Data.GetProperty("authorName").ValueKind.ShouldBe(System.Text.Json.JsonValueKind.Null);
        answer.Data.GetProperty("other").GetString().ShouldBe("Author a1");
        server.Batches.Loaded.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task An_abstract_class_can_be_an_interface()
    {
        await using var server = await TestServer.Start();

        var answer = await server.Ask("{ media { name ...on Paper { pages } ...on Screen { lit } } }");

        answer.Data.GetProperty("media").ToString().ShouldBe("[{\"name\":\"a book\",\"pages\":300},{\"name\":\"a reader\",\"lit\":true}]");
    }

    [Fact]
    public async Task An_interface_answers_with_the_type_that_it_is()
    {
        await using var server = await TestServer.Start();

        var answer = await server.Ask("{ a: node(id: \"a1\") { __typename ...on Author { name } } b: node(id: \"b1\") { __typename id } }");

        answer.Data.GetProperty("a").GetProperty("__typename").GetString().ShouldBe("Author");
        answer.Data.GetProperty("b").GetProperty("__typename").GetString().ShouldBe("Book");
    }
}
