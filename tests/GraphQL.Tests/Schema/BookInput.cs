using System.ComponentModel.DataAnnotations;
using System.Text.Json;

namespace DeployCard.GraphQL.Tests.Schema;

/// <summary>Input for a new book.</summary>
public sealed record AddBookInput(
    [property: Required, StringLength(40, MinimumLength = 3)] string Title,
    [property: Range(0, 10)] int Priority = 5,
    TimeSpan? ReadingTime = null,
    JsonElement? Labels = null,
    CoverInput? Cover = null
);

/// <summary>Input for the cover.</summary>
public sealed record CoverInput([property: Range(1, 5)] int Thickness);

/// <summary>Result of adding a book.</summary>
public sealed record AddBookPayload(Book? Book, int Priority, IReadOnlyList<UserError> Errors);
