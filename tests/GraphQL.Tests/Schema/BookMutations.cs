namespace DeployCard.GraphQL.Tests.Schema;

[MutationType]
public sealed class BookMutations(Streams streams)
{
    /// <summary>Adds a book with the given title.</summary>
    public async Task<AddBookPayload> AddBook(AddBookInput input, CancellationToken ct)
    {
        await Task.Yield();
        streams.Produce();
        ct.ThrowIfCancellationRequested();
        if (input.Title == "taken")
            return new(null, input.Priority, [new("title", "TITLE_TAKEN", "There is a book of that title.")]);
        return new(
            Book.Numbered(1) with
            {
                Title = input.Title,
                ReadingTime = input.ReadingTime,
                Labels = input.Labels,
            },
            input.Priority,
            []
        );
    }
}

[MutationType]
public sealed class CountMutations(Streams streams)
{
    public long Count()
    {
        streams.Produce();
        return streams.Produced;
    }
}
