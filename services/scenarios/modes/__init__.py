"""Function modes 功能模式: what a space serves as, by weekday and holiday, in turns or at once 短时转换与叠加."""
