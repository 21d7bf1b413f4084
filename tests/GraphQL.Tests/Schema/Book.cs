using System.Text.Json;

namespace DeployCard.GraphQL.Tests.Schema;

/// <summary>Progress of writing a book.</summary>
public enum BookState
{
    /// <summary>The book is being written.</summary>
    InProgress,
    Done,

    [Obsolete("Use DONE.")]
    Finished,
}

/// <summary>A book with a title.</summary>
/// <param name="Id">Opaque id of the book.</param>
/// <param name="Title">Title on the cover.</param>
public sealed record Book(
    [property: ID] string Id,
    string Title,
    BookState State,
    DateTimeOffset Published,
    TimeSpan? ReadingTime,
    long Bytes,
    JsonElement? Labels,
    IReadOnlyList<string> Tags,
    [property: GraphQLIgnore] string AuthorId
) : INode
{
    /// <summary>Author of the book.</summary>
    public Task<Author?> Author(AuthorByIdDataLoader authors, CancellationToken ct) => authors.LoadAsync(AuthorId, ct);

    /// <summary>Books that are similar to this one.</summary>
    public IReadOnlyList<Book> Similar() => [Numbered(1), Numbered(2)];

    [Obsolete("Use title.")]
    public string Name => Title;

    public static Book Numbered(int number) =>
        new(
            $"b{number}",
            $"Book {number}",
            BookState.InProgress,
            DateTimeOffset.UnixEpoch.AddDays(number),
            TimeSpan.FromSeconds(90),
            5_000_000_000L + number,
            JsonSerializer.SerializeToElement(new { number }),
            ["a", "b"],
            $"a{number % 3}"
        );
}

/// <summary>One page of books.</summary>
public sealed record BookConnection(IReadOnlyList<Edge<Book>> Edges, PageInfo PageInfo) : Connection<Book>(Edges, PageInfo);
