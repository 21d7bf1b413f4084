using System.Runtime.CompilerServices;
using System.Security.Claims;

namespace DeployCard.GraphQL.Tests.Schema;

[SubscriptionType]
public sealed class BookSubscriptions(Streams streams)
{
    /// <summary>Streams the given number of books.</summary>
    public async IAsyncEnumerable<Book> BooksAdded(int count, [EnumeratorCancellation] CancellationToken ct)
    {
        for (var number = 0; number < count; number++)
        {
            await Task.Yield();
            ct.ThrowIfCancellationRequested();
            yield return Book.Numbered(number);
        }
    }

    /// <summary>Streams one line and then nothing until the client unsubscribes.</summary>
    public IAsyncEnumerable<string> Tail([ID] string id, Streams service, ClaimsPrincipal caller, CancellationToken ct) =>
        id == "none"
            ? throw new ApiException("NOT_FOUND", "There is no stream with this id.")
            : TailOf($"{caller.Identity?.Name} reads {id}", service, ct);

    /// <summary>Streams items as fast as the client reads them.</summary>
    public async IAsyncEnumerable<string> Flood([EnumeratorCancellation] CancellationToken ct)
    {
        streams.Opened();
        try
        {
            while (true)
            {
                ct.ThrowIfCancellationRequested();
                streams.Produce();
                yield return new string('x', 10_000);
                await Task.Yield();
            }
        }
        finally
        {
            streams.Closed();
        }
    }

    /// <summary>Fails after the first item.</summary>
    public async IAsyncEnumerable<int> Faulty(bool known)
    {
        yield return 1;
        await Task.Yield();
        if (known)
            throw new ApiException("STREAM_BROKE", "It broke.");
        throw new InvalidOperationException("secret detail");
    }

    private static async IAsyncEnumerable<string> TailOf(string line, Streams streams, [EnumeratorCancellation] CancellationToken ct)
    {
        streams.Opened();
        try
        {
            yield return line;
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, ct);
        }
        finally
        {
            streams.Closed();
        }
    }
}
