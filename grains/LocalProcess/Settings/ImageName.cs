namespace DeployCard.LocalProcess.Settings;

/// <summary>
/// Validates image names. A name is also the name of a folder, so a valid name cannot refer to a path outside the images folder.
/// </summary>
internal static class ImageName
{
    public const string Allowed = "1 to 255 characters, without '/', '\\' and control characters, not starting with '.'";

    public static bool IsValid(string name) =>
        name.Length is > 0 and <= 255 && name[0] != '.' && !name.Any(c => c is '/' or '\\' || char.IsControl(c));
}
