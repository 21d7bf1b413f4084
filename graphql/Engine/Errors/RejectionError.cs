using GraphQL.Validation;

namespace DeployCard.GraphQL.Engine.Errors;

/// <summary>An error that rejects a request before execution, with one of the engine's own codes.</summary>
internal class RejectionError : ValidationError
{
    public RejectionError(string code, string message, Dictionary<string, object?>? extensions = null)
        : base(message)
    {
        Code = code;
        Extensions = extensions;
    }
}
