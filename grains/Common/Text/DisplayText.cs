namespace DeployCard.Common.Text;

/// <summary>Text from clients, prepared for messages.</summary>
public static class DisplayText
{
    /// <summary>Maximum number of characters of a given value in a message.</summary>
    public const int MaxGivenLength = 80;

    /// <summary>Returns the text, cut off with an ellipsis if it is longer than the limit.</summary>
    /// <param name="text">Text of any length.</param>
    /// <param name="maxLength">Maximum number of characters before the ellipsis.</param>
    public static string Shorten(string text, int maxLength = MaxGivenLength) => text.Length <= maxLength ? text : text[..maxLength] + "…";
}
