using System.Text;

namespace DeployCard.Gateway;

/// <summary>Readable start of a response body, to show what a pod said in an error response.</summary>
internal static class Excerpt
{
    /// <summary>Maximum number of bytes to read from a body.</summary>
    private const int MaxBytes = 1024;

    /// <summary>
    /// Returns at most 1,000 characters of the body, with control characters such as line breaks replaced by spaces. A longer text ends
    /// with an ellipsis. Returns an empty string for an empty body.
    /// </summary>
    public static async Task<string> Read(Stream body, CancellationToken cancellationToken)
    {
        var bytes = new byte[MaxBytes];
        var length = await body.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken);
        var text = string.Concat(Encoding.UTF8.GetString(bytes, 0, length).Select(c => char.IsControl(c) ? ' ' : c)).Trim();
        return length == MaxBytes || text.Length > 1000 ? text[..Math.Min(text.Length, 1000)].TrimEnd('\uFFFD') + "…" : text;
    }
}
