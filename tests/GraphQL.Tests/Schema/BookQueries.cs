using System.ComponentModel.DataAnnotations;
using System.Security.Claims;
using System.Text.Json;

namespace DeployCard.GraphQL.Tests.Schema;

[QueryType]
public sealed class BookQueries
{
    /// <summary>Returns one book, or null if the id is unknown.</summary>
    /// <param name="id">Id of the book.</param>
    public Book? Book([ID] string id) => id.StartsWith('b') ? Schema.Book.Numbered(int.Parse(id[1..])) : null;

    /// <summary>Returns one page of books.</summary>
    public BookConnection Books([Range(0, 500)] int first = 10)
    {
        var edges = Enumerable.Range(0, first).Select(number => new Edge<Book>($"c{number}", Schema.Book.Numbered(number))).ToList();
        return new(edges, new(true, false, edges.FirstOrDefault()?.Cursor, edges.LastOrDefault()?.Cursor));
    }

    public INode? Node([ID] string id) => id[0] == 'a' ? new Author(id, "Author " + id, null) : Schema.Book.Numbered(1);
}

[QueryType]
public static class StaticQueries
{
    public static async Task<string?> AuthorName([ID] string id, AuthorByIdDataLoader authors, CancellationToken ct) =>
        (await authors.LoadAsync(id, ct))?.Name;
}

[QueryType]
public sealed class EchoQueries
{
    public string? Me(ClaimsPrincipal caller) => caller.Identity?.Name;

    public async ValueTask<string> Slowly(Streams streams, CancellationToken ct)
    {
        streams.Opened();
        try
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, ct);
            return "never";
        }
        finally
        {
            streams.Closed();
        }
    }

    public string Broken() => throw new InvalidOperationException("secret detail");

    public string Refused() =>
        throw new ApiException("DEPLOYMENT_DELETED", "The deployment x is deleted.", new Dictionary<string, object?> { ["name"] = "x" });

    public JsonElement Any(JsonElement value) => value;

    public DateTimeOffset Time(DateTimeOffset value) => value;

    public TimeSpan Duration(TimeSpan value) => value;

    public Uri Address(Uri value) => value;

    public long Long(long value) => value;

    [GraphQLName("renamed")]
    public string Original([GraphQLName("word")] string text) => text;

    [GraphQLIgnore]
    public string Hidden() => "";

    public string Joined(IEnumerable<string> words) => string.Join(' ', words);
}
