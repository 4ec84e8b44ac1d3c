import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * 签名示例：网关的五种签名方式，只用 Java 17 自带的类。 The gateway's five dialects of signatures; Java 17 alone.
 *
 * <pre>
 * var call = new Signing.Call("GET", "/v1/points/deeds", "a=1", Map.of("x-ca-key", …));
 * headers.put("x-ca-signature", Signing.sign("x-ca", call, secret));
 * </pre>
 *
 * The headers carry what the dialect wants signed (date, nonce, digest …), by lower-case name. Texts are kept byte by byte, one
 * character a byte (ISO 8859-1), so that an escape that is no UTF-8 is signed as it was sent.
 */
public final class Signing {
    private static final List<String> OWN_LINES = List.of("accept", "content-md5", "content-type", "date");
    private static final Comparator<String[]> BY_KEY = Comparator.comparing(pair -> pair[0]);
    private static final Comparator<String[]> BY_ITEM = BY_KEY.thenComparing(pair -> pair[1]);

    /** A call: the path and the query as they are sent, headers by lower-case name. */
    public record Call(String method, String path, String query, Map<String, String> headers) {
        String header(String name) {
            return headers.getOrDefault(name, "");
        }
    }

    private Signing() {}

    /** Returns the string to sign. */
    public static String textToSign(String dialect, Call call) {
        return switch (dialect) {
            case "x-bg-hmac" -> provincial(call);
            case "x-hmac-auth" -> dingtalk(call);
            case "x-ca" -> aliyun(call);
            default -> strong(call);
        };
    }

    /** Returns Base64(HMAC(secret, text)) by SHA-256, or by SM3 where the dialect or X-BG-HMAC-ALGORITHM says so. */
    public static String sign(String dialect, Call call, String secret) throws GeneralSecurityException {
        boolean sm3 = dialect.equals("rfc9421-sm3") || call.header("x-bg-hmac-algorithm").equalsIgnoreCase("hmac-sm3");
        byte[] text = textToSign(dialect, call).getBytes(StandardCharsets.ISO_8859_1);
        byte[] mac = hmac(sm3, secret.getBytes(StandardCharsets.UTF_8), text);
        return Base64.getEncoder().encodeToString(mac);
    }

    /** Returns the Content-Digest of a body for the strong profile (RFC 9530). */
    public static String contentDigest(String dialect, byte[] body) throws GeneralSecurityException {
        boolean sm3 = dialect.equals("rfc9421-sm3");
        return (sm3 ? "sm3=:" : "sha-256=:") + Base64.getEncoder().encodeToString(hash(sm3, body)) + ":";
    }

    /** 省级业务网关 X-BG-HMAC-*: the last line break is part of it. */
    private static String provincial(Call call) {
        String query = items(call.query).sorted(BY_KEY)
                .map(pair -> escape(pair[0]) + "=" + escape(pair[1])).collect(Collectors.joining("&"));
        String key = call.header("x-bg-hmac-access-key");
        return String.join("\n", call.method, call.path, query, key, call.header("x-bg-date-time"), "");
    }

    /** 浙政钉 X-Hmac-Auth-*: not escaped; no line for a query that is not there. */
    private static String dingtalk(Call call) {
        String query = items(call.query).sorted(BY_ITEM)
                .map(pair -> pair[0] + "=" + pair[1]).collect(Collectors.joining("&"));
        String text = String.join("\n", call.method, call.header("x-hmac-auth-timestamp"), call.header("x-hmac-auth-nonce"), call.path);
        return query.isEmpty() ? text : text + "\n" + query;
    }

    /** Aliyun's family x-ca-*: an empty value goes without "=". */
    private static String aliyun(Call call) {
        var names = new TreeSet<String>();
        for (String name : call.header("x-ca-signature-headers").split(",")) {
            names.add(name.trim().toLowerCase(Locale.ROOT));
        }
        names.removeAll(OWN_LINES);
        names.removeAll(List.of("", "x-ca-signature", "x-ca-signature-headers"));
        var lines = new ArrayList<>(List.of(call.method));
        OWN_LINES.forEach(name -> lines.add(call.header(name)));
        names.forEach(name -> lines.add(name + ":" + call.header(name)));
        String query = items(call.query).sorted(BY_ITEM)
                .map(pair -> pair[1].isEmpty() ? pair[0] : pair[0] + "=" + pair[1]).collect(Collectors.joining("&"));
        lines.add(query.isEmpty() ? call.path : call.path + "?" + query);
        return String.join("\n", lines);
    }

    /** RFC 9421, the strong profile: what Signature-Input lists, and that itself. */
    private static String strong(Call call) {
        String input = call.header("signature-input");
        String params = input.substring(input.indexOf('=') + 1);
        var lines = new ArrayList<String>();
        for (String quoted : params.substring(1, params.indexOf(')')).split(" ")) {
            String name = quoted.replace("\"", "");
            String value = switch (name) {
                case "@method" -> call.method;
                case "@path" -> call.path;
                case "@query" -> "?" + call.query;
                case "@authority" -> call.header("host").toLowerCase(Locale.ROOT);
                default -> call.header(name);
            };
            lines.add(quoted + ": " + value.trim());
        }
        lines.add("\"@signature-params\": " + params);
        return String.join("\n", lines);
    }

    /** Only "&" parts items; a name without "=" has an empty value. */
    private static Stream<String[]> items(String query) {
        return Arrays.stream(query.split("&")).filter(item -> !item.isEmpty()).map(item -> {
            int at = item.indexOf('=');
            String key = at < 0 ? item : item.substring(0, at);
            return new String[] {decode(key), at < 0 ? "" : decode(item.substring(at + 1))};
        });
    }

    private static String decode(String text) {
        var decoded = new StringBuilder();
        for (int at = 0; at < text.length(); at++) {
            char c = text.charAt(at);
            if (c == '%' && text.substring(at).matches("(?s)%[0-9A-Fa-f]{2}.*")) {
                decoded.append((char) Integer.parseInt(text.substring(at + 1, at + 3), 16));
                at += 2;
            } else {
                decoded.append(c == '+' ? ' ' : c);
            }
        }
        return decoded.toString();
    }

    private static String escape(String text) {
        var escaped = new StringBuilder();
        for (char c : text.toCharArray()) {
            boolean plain = c < 128 && (Character.isLetterOrDigit(c) || "-_.!'()~*".indexOf(c) >= 0);
            escaped.append(plain ? String.valueOf(c) : String.format("%%%02X", (int) c));
        }
        return escaped.toString();
    }

    private static byte[] hmac(boolean sm3, byte[] secret, byte[] text) throws GeneralSecurityException {
        byte[] key = Arrays.copyOf(secret.length > 64 ? hash(sm3, secret) : secret, 64);
        byte[] inner = new byte[64 + text.length];
        byte[] outer = new byte[64 + 32];
        for (int at = 0; at < 64; at++) {
            inner[at] = (byte) (key[at] ^ 0x36);
            outer[at] = (byte) (key[at] ^ 0x5c);
        }
        System.arraycopy(text, 0, inner, 64, text.length);
        System.arraycopy(hash(sm3, inner), 0, outer, 64, 32);
        return hash(sm3, outer);
    }

    private static byte[] hash(boolean sm3, byte[] text) throws GeneralSecurityException {
        return sm3 ? sm3(text) : MessageDigest.getInstance("SHA-256").digest(text);
    }

    /** SM3 (GB/T 32905), which Java does not have. */
    private static byte[] sm3(byte[] text) {
        int[] v = {0x7380166f, 0x4914b2b9, 0x172442d7, 0xda8a0600, 0xa96f30bc, 0x163138aa, 0xe38dee4d, 0xb0fb0e4e};
        var padded = java.nio.ByteBuffer.allocate((text.length + 72) / 64 * 64).put(text).put((byte) 0x80);
        padded.putLong(padded.capacity() - 8, text.length * 8L).rewind();
        int[] w = new int[68];
        while (padded.hasRemaining()) {
            for (int j = 0; j < 68; j++) {
                if (j < 16) {
                    w[j] = padded.getInt();
                } else {
                    int x = w[j - 16] ^ w[j - 9] ^ turned(w[j - 3], 15);
                    w[j] = x ^ turned(x, 15) ^ turned(x, 23) ^ turned(w[j - 13], 7) ^ w[j - 6];
                }
            }
            int[] s = v.clone();
            for (int j = 0; j < 64; j++) {
                int a = turned(s[0], 12);
                int ss1 = turned(a + s[4] + turned(j < 16 ? 0x79cc4519 : 0x7a879d8a, j % 32), 7);
                int ff = j < 16 ? s[0] ^ s[1] ^ s[2] : s[0] & s[1] | s[0] & s[2] | s[1] & s[2];
                int gg = j < 16 ? s[4] ^ s[5] ^ s[6] : s[4] & s[5] | ~s[4] & s[6];
                int tt1 = ff + s[3] + (ss1 ^ a) + (w[j] ^ w[j + 4]);
                int tt2 = gg + s[7] + ss1 + w[j];
                s = new int[] {tt1, s[0], turned(s[1], 9), s[2], tt2 ^ turned(tt2, 9) ^ turned(tt2, 17), s[4], turned(s[5], 19), s[6]};
            }
            for (int i = 0; i < 8; i++) {
                v[i] ^= s[i];
            }
        }
        var digest = java.nio.ByteBuffer.allocate(32);
        Arrays.stream(v).forEach(digest::putInt);
        return digest.array();
    }

    private static int turned(int x, int by) {
        return Integer.rotateLeft(x, by);
    }
}
