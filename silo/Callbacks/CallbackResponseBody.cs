using System.Buffers;
using DeployCard.Contracts.Callbacks;

namespace DeployCard.Callbacks;

/// <summary>Reads the beginning of a receiver's response body.</summary>
internal static class CallbackResponseBody
{
    /// <summary>Maximum number of bytes to read. A body up to this size is read completely, so that its connection can be reused.</summary>
    private const int MaxBytes = 64 * 1024;

    /// <summary>
    /// Returns an excerpt of the body, null if it is empty. If reading fails, the excerpt contains the bytes read before the failure.
    /// </summary>
    public static async Task<string?> ReadExcerpt(HttpContent content, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(MaxBytes);
        var length = 0;
        try
        {
            await using var stream = await content.ReadAsStreamAsync(cancellationToken);
            while (
                length < MaxBytes
                && await stream.ReadAsync(buffer.AsMemory(length, MaxBytes - length), cancellationToken) is > 0 and var read
            )
                length += read;
        }
        catch (Exception e) when (e is IOException or HttpRequestException or OperationCanceledException)
        {
            // The status of the response decides the result; an incomplete body does not change it.
        }

        var excerpt = CallbackExcerpt.From(buffer.AsSpan(0, length));
        ArrayPool<byte>.Shared.Return(buffer);
        return excerpt;
    }
}
