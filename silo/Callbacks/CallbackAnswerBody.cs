using System.Buffers;
using DeployCard.Grains.Callbacks;

namespace DeployCard.Silo.Callbacks;

/// <summary>Reads a receiver's answer as far as it is of use.</summary>
internal static class CallbackAnswerBody
{
    /// <summary>Up to here an answer is read, so that its connection can be used again.</summary>
    private const int Most = 64 * 1024;

    /// <summary>The beginning of an answer as text; what came of it where it breaks off.</summary>
    public static async Task<string?> Read(HttpContent content, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(Most);
        var length = 0;
        try
        {
            await using var stream = await content.ReadAsStreamAsync(cancellationToken);
            while (length < Most && await stream.ReadAsync(buffer.AsMemory(length, Most - length), cancellationToken) is > 0 and var read)
                length += read;
        }
        catch (Exception e) when (e is IOException or HttpRequestException or OperationCanceledException)
        {
            // The status came before it.
        }

        var excerpt = CallbackExcerpt.Of(buffer.AsSpan(0, length));
        ArrayPool<byte>.Shared.Return(buffer);
        return excerpt;
    }
}
